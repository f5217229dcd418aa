const mostBytes = 65536;

/** What ECS refuses: a task definition of more than 64 KiB as JSON. What is known only at deployment is not counted. */
export function checkSize(containers: { readonly name: string }[], volumes: object[]): string | undefined {
  const sizeOf = (value: object): number => Buffer.byteLength(JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' ? inner.replace(/\$\{Token\[[^\]]*\]\}/g, '') : inner));
  const size = sizeOf({ containers, volumes });
  if (size <= mostBytes) {
    return undefined;
  }
  const largest = [...containers].sort((one, other) => sizeOf(other) - sizeOf(one))[0];
  return `a daemon task definition must have at most ${mostBytes} bytes as JSON, got: ${size}, of which the container`
    + ` ${JSON.stringify(largest.name)} has ${sizeOf(largest)}; move long values of its environment to environmentFiles or to a file on S3`;
}
