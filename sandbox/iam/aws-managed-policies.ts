import { parseIdentityPolicy, type Statement } from './policy-document';

const allow = (...actions: string[]): Statement[] =>
  parseIdentityPolicy({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

/** The AWS managed policies that matter to functions, with their statements. */
const STATEMENTS = new Map<string, Statement[]>(Object.entries({
  'AdministratorAccess': allow('*'),
  'service-role/AWSLambdaBasicExecutionRole': allow('logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'),
  'service-role/AWSLambdaBasicDurableExecutionRolePolicy': allow(
    'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents',
    'lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState',
  ),
}));

/** Returns the statements of an AWS managed policy; one that the sandbox does not have grants nothing. */
export const awsManagedStatements = (policyArn: string): Statement[] => STATEMENTS.get(policyArn.replace(/^.*:iam::aws:policy\//, '')) ?? [];

export const isAwsManaged = (policyArn: string): boolean => /^arn:[^:]+:iam::aws:policy\//.test(policyArn);
