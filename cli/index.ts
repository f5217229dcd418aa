/** One bundle for the command and for the subpath `cdk-ecs-managed-daemons/plan`, whose types are those of `plan/`. */
export * from './plan';
export { run } from './commands';
