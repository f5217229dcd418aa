import { AwsError } from '../../core/aws-error';
import type { Input } from '../../core/aws-service';
import type { World } from '../../core/world';
import type { FunctionRecord } from './function-record';

/** The resource policies of a function, one for each qualifier: the principals that may invoke it. */
export class FunctionPolicy {
  constructor(private readonly world: World) {}

  public add(record: FunctionRecord, qualifier: string | undefined, input: Input): Input {
    const { StatementId, Action, Principal, SourceArn, SourceAccount, EventSourceToken } = input;
    const statements = record.policies.get(qualifier ?? '') ?? new Map<string, Input>();
    if (statements.has(StatementId)) {
      throw new AwsError('ResourceConflictException',
        `The statement id (${StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`, 409);
    }
    const conditions = {
      ...(SourceAccount !== undefined && { StringEquals: {
        'AWS:SourceAccount': SourceAccount,
        ...(EventSourceToken !== undefined && { 'lambda:EventSourceToken': EventSourceToken }),
      } }),
      ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    };
    const statement = {
      Sid: StatementId,
      Effect: 'Allow',
      Principal: this.principal(Principal),
      Action,
      Resource: qualifier === undefined ? record.arn : `${record.arn}:${qualifier}`,
      ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
    };
    statements.set(StatementId, statement);
    record.policies.set(qualifier ?? '', statements);
    return { Statement: JSON.stringify(statement) };
  }

  public remove(record: FunctionRecord, qualifier: string | undefined, statementId: string): void {
    if (!record.policies.get(qualifier ?? '')?.delete(statementId)) {
      throw new AwsError('ResourceNotFoundException', `Statement ${statementId} is not found in resource policy.`, 404);
    }
  }

  public get(record: FunctionRecord, qualifier: string | undefined): Input {
    const statements = [...record.policies.get(qualifier ?? '')?.values() ?? []];
    if (statements.length === 0) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
    return { Policy: JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements }), RevisionId: record.latest.revisionId };
  }

  private principal(name: string): string | Input {
    if (name === '*') return name;
    if (name.endsWith('.amazonaws.com')) return { Service: name };
    return { AWS: /^\d{12}$/.test(name) ? `arn:${this.world.partition}:iam::${name}:root` : name };
  }
}
