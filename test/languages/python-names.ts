/** The names that a generated Python module gives its users: a block for each class, a line for each of its members. */
export function pythonNames(source: string): string {
  return source.split(/\n\n\n(?=@jsii|class |typing|__all__)/).flatMap((block) => {
    // a name with an underscore is of what stands in for an object of an interface
    const [, name] = /^class ([A-Z]\w*)/m.exec(block) ?? [];
    return name === undefined ? [] : [[name, ...membersOf(block).map((member) => `  ${member}`)].join('\n')];
  }).join('\n\n');
}

function membersOf(block: string): string[] {
  const constants = [...block.matchAll(/^ {4}(\w+) = "\w+"$/gm)].map(([, name]) => name!);
  const functions = [...block.matchAll(/^((?: {4}@.+\n)*) {4}def (\w+)\(\s*(?:self|cls)(?:,\s*([^]*?))?,?\s*\) -> /gm)];
  const members = functions
    .filter(([, decorators, name]) => (name === '__init__' || !name!.startsWith('_')) && !decorators!.includes('.setter'))
    // what a struct holds is what its constructor takes
    .filter(([, , name]) => name === '__init__' || !block.startsWith('@jsii.data_type'))
    .map(([, decorators, name, parameters]) => decorators!.includes('property') ? name! : `${name}(${namesOf(parameters).join(', ')})`);
  return [...constants, ...members];
}

/** Of parameters with types and defaults, one a line or all on the same. */
const namesOf = (parameters = ''): string[] =>
  [...parameters.matchAll(/(?:^|,)\s*(\*?\w+(?=:)|\*(?=,))/g)].map(([, name]) => name!);
