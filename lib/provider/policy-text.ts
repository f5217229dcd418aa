import { Aws } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { substitution } from '../naming/fn-sub';

/** Where `iam.Role.customizeRoles()` leaves its options. */
const customizeRolesContext = '@aws-cdk/iam:customizeRoles';

/** Finds out whether the policies of roles are listed in a report for an administrator instead of the template. */
export const areRolesCustomized = (scope: IConstruct): boolean => scope.node.tryGetContext(customizeRolesContext) !== undefined;

/**
 * Renders a text of a policy: in the template as `Fn::Sub`, which is short.
 *
 * The report of CDK has words for references and for most pseudo parameters, and prints everything else as a token.
 */
export function policyText(scope: IConstruct, text: string): string {
  return areRolesCustomized(scope) ? text.replaceAll(Aws.STACK_ID, '(STACK_ID)') : substitution(text);
}
