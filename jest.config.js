const project = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^#embedded-postgres$': '<rootDir>/apps/embedded/src/postgres/index.ts',
    '^@celeriac/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@celeriac/tasks/testing$': '<rootDir>/libs/tasks/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.data/'],
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['libs', 'apps', 'bench', 'examples', 'docs'].map((folder) => `<rootDir>/${folder}/**/*.spec.ts`),
    },
    {
      ...project,
      displayName: 'services',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      // Before a test file's own import of amqplib.
      setupFiles: ['<rootDir>/libs/tasks/src/broker/rabbitmq/amqplib-int64-patch.ts'],
      globalSetup: '<rootDir>/test/dist/services/global-setup.js',
      globalTeardown: '<rootDir>/test/dist/services/global-teardown.js',
    },
  ],
  testTimeout: 60_000,
  // Most of the time tests wait for other processes.
  maxWorkers: 3,
  // Jest keeps the modules of the test files that are done. A process full of them ends too late, and is said to leak.
  workerIdleMemoryLimit: '400MB',
};
