import { App, PropertyInjectors, type InjectionContext, type IPropertyInjector } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DaemonContainerDefinition, DaemonTaskDefinition, ManagedDaemon } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

/** Gives every construct of a class a property, as an organisation's defaults would. */
class Default implements IPropertyInjector {
  constructor(public readonly constructUniqueId: string, private readonly property: Record<string, unknown>) {}

  public inject(props: object, _context: InjectionContext): object {
    return { ...this.property, ...props };
  }
}

test.each([
  [ManagedDaemon.PROPERTY_INJECTION_ID, { drainPercent: 50 }, 'Custom::ECSManagedDaemon', { DrainPercent: 50 }],
  [DaemonTaskDefinition.PROPERTY_INJECTION_ID, { memoryMiB: 1024 }, 'AWS::ECS::DaemonTaskDefinition', { Memory: '1024' }],
  [DaemonContainerDefinition.PROPERTY_INJECTION_ID, { privileged: true }, 'AWS::ECS::DaemonTaskDefinition', {
    ContainerDefinitions: [{ Privileged: true }],
  }],
])('an app can set defaults for %s', (id, property, type, rendered) => {
  const stack = new StackWithDaemon(new App());
  PropertyInjectors.of(stack).add(new Default(id, property));
  stack.addDaemon();

  Template.fromStack(stack).hasResourceProperties(type, rendered);
});
