import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { aptInstall, MissingServiceError } from './install.js';

const run = promisify(execFile);

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium: CHROMIUM_PATH, else the one that is installed, else from apt, else Playwright's download. */
export async function launchBrowser(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: await findChromium(),
    // Chromium's sandbox cannot work as root.
    args: isRoot ? ['--no-sandbox', ...ARGUMENTS] : ARGUMENTS,
  });
}

async function findChromium(): Promise<string> {
  const found = installed();
  if (found !== undefined) return found;
  if (await aptInstall('chromium')) return installed() ?? chromium.executablePath();
  const downloaded = await run('npx', ['playwright-core', 'install', 'chromium']).then(
    () => true,
    () => false,
  );
  if (downloaded) return chromium.executablePath();
  throw new MissingServiceError('Chromium', [
    'install Chromium or Chrome, or set CHROMIUM_PATH to it',
    'on Debian or Ubuntu: run the tests as root, or with a sudo that asks no password',
    'let "npx playwright-core install chromium" download it',
  ]);
}

function installed(): string | undefined {
  const given = process.env['CHROMIUM_PATH'];
  return [...(given === undefined ? [] : [given]), ...PLACES].find((place) => existsSync(place));
}
