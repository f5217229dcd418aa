import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from '../../sandbox/cloudformation/template/template';
import { newFolder } from './plan-bench';

/** The assembly of an example with another image in each daemon task definition. */
export function withOtherImage(assembly: string): string {
  const folder = newFolder();
  cpSync(assembly, folder, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.template.json'))) {
    const template = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::ECS::DaemonTaskDefinition') continue;
      for (const container of Properties!.ContainerDefinitions as { Image: string }[]) container.Image += '-next';
    }
    writeFileSync(join(folder, file), JSON.stringify(template));
  }
  return folder;
}
