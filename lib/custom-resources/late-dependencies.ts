import type { CfnResource } from 'aws-cdk-lib';

/** Renders a resource with further dependencies. They are not stored, since they are complete only while CDK renders templates. */
export function renderWithDependencies(resource: CfnResource, others: CfnResource[], render: () => object): object {
  const present = new Set<unknown>(resource.obtainDependencies());
  const further = others.filter((other) => !present.has(other));
  further.forEach((other) => resource.addResourceDependency(other));
  try {
    return render();
  } finally {
    further.forEach((other) => resource.removeResourceDependency(other));
  }
}
