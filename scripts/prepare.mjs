/**
 * Gets the checkout ready to run: installs and builds what is missing. Imports nothing that npm installs: that may not
 * be there yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];

/**
 * Installs packages where package-lock.json asks for others than are there, and builds what is stale.
 *
 * @param {string[]} projects - folders of TypeScript projects
 */
export function prepare(projects) {
  checkNode();
  process.chdir(ROOT);
  if (!isInstalled()) {
    // Not `npm ci`, which refuses a lock file made where packages of other platforms could not be had. The lock file
    // decides the versions all the same, and stays as it is. Building needs the development packages, whatever NODE_ENV is.
    step(
      'Installing packages (first start only) ...',
      npm('install', '--no-save', '--include=dev', '--include=optional'),
    );
  }
  // The compiler itself knows what is stale; when nothing is, it takes half a second.
  step(isBuilt() ? undefined : 'Building (first start only) ...', [
    process.execPath,
    'node_modules/typescript/bin/tsc',
    '-b',
    ...projects,
  ]);
}

/**
 * Installs the packages of a folder that has a package.json of its own, where they are not there.
 *
 * @param {string} folder
 */
export function installFolder(folder) {
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return;
  step(`Installing packages of ${folder} (the first time only) ...`, npm('install', '--prefix', folder, '--no-save'));
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(
    `Celeriac needs Node.js ${OLDEST_NODE.join('.')} or newer, and this is ${process.versions.node}. See https://nodejs.org`,
  );
}

/** Whether every package of package-lock.json is installed in its version. Dates are not asked: git changes them. */
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json') ?? {}).every(
    ([path, { version, optional, link }]) =>
      !path.includes('node_modules/') ||
      optional ||
      (link ? installed?.[path]?.link : installed?.[path]?.version === version),
  );
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function isBuilt() {
  try {
    return readFileSync('apps/embedded/dist/main.js').length > 0;
  } catch {
    return false;
  }
}

/** A command line for npm: the npm that started us, if one did. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, script, ...args] : ['npm', ...args];
}

/** Runs one command; its output is only shown when it fails. */
function step(title, [command, ...args]) {
  if (title) console.log(title);
  const isShellNeeded = process.platform === 'win32' && command === 'npm';
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', shell: isShellNeeded });
  if (status === 0) return;
  fail(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\nThis failed: ${[command, ...args].join(' ')}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
