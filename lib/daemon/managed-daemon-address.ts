/**
 * The addresses at which application tasks reach the daemons of their instance. Each daemon has its own port.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html
 */
export class ManagedDaemonAddress {
  /** The IPv4 address. */
  public static readonly IPV4 = '169.254.172.2';

  /** The IPv6 address. */
  public static readonly IPV6 = 'fd00:ec2::172:2';

  private constructor() {}
}
