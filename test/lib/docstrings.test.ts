import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';

interface Documented {
  readonly name: string;
  readonly optional?: boolean;
  readonly overrides?: string;
  readonly parameters?: object[];
  readonly docs?: { readonly summary?: string; readonly default?: string };
}

interface PublicType extends Documented {
  readonly kind: 'class' | 'enum' | 'interface';
  readonly datatype?: boolean;
  readonly properties?: Documented[];
  readonly methods?: Documented[];
  readonly members?: Documented[];
}

/** The public types as jsii compiled them last; the build comes before the tests. */
function publicTypes(): PublicType[] {
  const assembly = JSON.parse(readFileSync(join(__dirname, '..', '..', '.jsii'), 'utf8'));
  const whole = assembly.schema === 'jsii/file-redirect'
    ? JSON.parse(gunzipSync(readFileSync(join(__dirname, '..', '..', assembly.filename))).toString()) : assembly;
  return Object.values(whole.types);
}

/** What a class inherits or implements is documented where it is declared. */
const membersOf = ({ name, properties = [], methods = [], members = [] }: PublicType): [string, Documented][] =>
  [...properties, ...methods, ...members].filter(({ overrides }) => overrides === undefined).map((member) => [`${name}.${member.name}`, member]);

describe('the public API', () => {
  const types = existsSync(join(__dirname, '..', '..', '.jsii')) ? publicTypes() : [];

  test('has types', () => {
    expect(types.map(({ name }) => name)).toEqual(expect.arrayContaining(['DaemonTaskDefinition', 'DaemonContainerDefinition', 'ManagedDaemon']));
  });

  test('documents every type and every member', () => {
    const all: [string, Documented][] = types.flatMap((type) => [[type.name, type] as [string, Documented], ...membersOf(type)]);

    expect(all.filter(([, { docs }]) => docs?.summary === undefined).map(([name]) => name)).toEqual([]);
  });

  test('documents the default of every optional property of a struct', () => {
    const properties = types.filter(({ datatype }) => datatype).flatMap(membersOf);

    expect(properties.filter(([, { optional, docs }]) => optional && docs?.default === undefined).map(([name]) => name)).toEqual([]);
  });
});
