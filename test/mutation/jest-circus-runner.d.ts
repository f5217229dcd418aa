declare module 'jest-circus/runner' {
  export default function circus(...parameters: unknown[]): Promise<import('@jest/test-result').TestResult>;
}
