import type { aws_ecs as ecs } from 'aws-cdk-lib';

/** A port that a container of a daemon listens on. */
export interface DaemonListeningPort {
  /** The number of the port, from 1 to 65535. */
  readonly port: number;

  /**
   * The protocol that is spoken on the port.
   *
   * @default Protocol.TCP
   */
  readonly protocol?: ecs.Protocol;
}
