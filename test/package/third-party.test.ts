import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (...path: string[]): string => readFileSync(join(__dirname, '..', '..', ...path), 'utf8');

describe.each([['lambda', ['@aws-sdk/client-ecs', '@aws/durable-execution-sdk-js']], ['sandbox', ['fflate']]])('what %s bundles', (folder, some) => {
  const { components } = JSON.parse(read(folder, 'dist', 'third-party.cdx.json')) as { components: { name: string; version: string }[] };

  test('is listed', () => {
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(some));
  });

  test.each(components)('has the licence text of $name', ({ name, version }) => {
    const section = read(folder, 'dist', 'THIRD-PARTY-LICENSES').split('-'.repeat(80)).find((text) => text.includes(`${name} ${version}\n`));
    expect(section).toMatch(/Permission is hereby granted|TERMS AND CONDITIONS|Redistribution and use|Permission to use/);
  });
});
