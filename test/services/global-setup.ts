import { provideServices } from './provide-services.js';

declare global {
  // The way from jest's set-up to its teardown, which are in one process.
  var endTestServices: (() => Promise<void>) | undefined;
}

/** Jest calls it once before the first test that needs services. */
export default async function globalSetup(): Promise<void> {
  globalThis.endTestServices = await provideServices();
}
