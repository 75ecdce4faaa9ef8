/** What a suite needs of a test framework: the globals of Jest or Vitest have it. */
export interface TestFramework {
  describe(name: string, define: () => void): unknown;
  it(name: string, run: () => Promise<void>): unknown;
  beforeEach(run: () => Promise<void>): unknown;
  afterEach(run: () => Promise<void>): unknown;
  expect(actual: unknown): {
    toEqual(expected: unknown): void;
    toMatchObject(expected: object): void;
  };
}
