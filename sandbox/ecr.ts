import type { Input, Operation, Permission, Service } from './core/aws-service';
import { arnOf, type World } from './core/world';

/** ECR, as far as image assets need it: every repository and every image exists, so that the CLI builds and pushes nothing. */
export class Ecr implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;

  constructor(private readonly world: World) {
    this.operations = {
      DescribeRepositories: ({ repositoryNames: names = [] }) => (
        { repositories: (names as string[]).map((name) => this.repository(name)) }
      ),
      DescribeImages: ({ repositoryName, imageIds = [] }) => ({
        imageDetails: (imageIds as Input[]).map(({ imageTag }) => ({ repositoryName, registryId: world.accountId, imageTags: [imageTag] })),
      }),
    };
  }

  public requiredPermissions(operation: string, { repositoryName = '*' }: Input): Permission[] {
    return [{ action: `ecr:${operation}`, resources: [arnOf(this.world, 'ecr', `repository/${repositoryName}`)] }];
  }

  private repository(repositoryName: string): Input {
    const { accountId, region } = this.world;
    return {
      repositoryName, registryId: accountId, repositoryArn: arnOf(this.world, 'ecr', `repository/${repositoryName}`),
      repositoryUri: `${accountId}.dkr.ecr.${region}.amazonaws.com/${repositoryName}`,
    };
  }
}
