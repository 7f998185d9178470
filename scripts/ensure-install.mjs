// Runs before every npm script: makes `git clone && npm test` work by installing what the lock file
// says, and says nothing when it is installed. Plain JavaScript, because the machine's own Node
// (≥ 20) runs it; the scripts after it run on the Node that node_modules brings.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const oldestInstaller = 20
const oldestRunner = 26
const platformsWithNode = ['linux-x64', 'linux-arm64', 'darwin-x64']
const platforms = [...platformsWithNode, 'darwin-arm64']

const platform = `${process.platform}-${process.arch}`
const ownMajor = Number(process.versions.node.split('.')[0])

if (ownMajor < oldestInstaller) {
  refuse(
    `Sluice needs Node ${oldestInstaller} or newer to install itself; this is ${process.version} (${process.execPath}).`,
  )
}
if (!platforms.includes(platform)) refuse(`Sluice runs on ${platforms.join(', ')}; this machine is ${platform}.`)
if (!isInstalled()) {
  if (usesMusl()) {
    refuse('Sluice needs a Linux with glibc: the Node and Postgres that npm brings do not run on musl (Alpine).')
  }
  install()
}
linkNode()
if (!bringsNode() && ownMajor < oldestRunner) {
  refuse(
    platformsWithNode.includes(platform)
      ? `npm left out the optional package node-${platform}. Run: npm ci --include=optional`
      : `There is no npm package of Node ${oldestRunner} for ${platform}: install Node ${oldestRunner} or newer yourself; this is ${process.version}.`,
  )
}

function isInstalled() {
  // npm writes this file last, so an interrupted install counts as none.
  const installed = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })
  return installed !== undefined && installed.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}

function bringsNode() {
  return existsSync(join(root, 'node_modules/.bin/node'))
}

/** npm 10 leaves this link out, because the packages for other platforms claim the same name. */
function linkNode() {
  const bundled = `node-${platform}/bin/node`
  if (bringsNode() || !existsSync(join(root, 'node_modules', bundled))) return
  symlinkSync(join('..', bundled), join(root, 'node_modules/.bin/node'))
}

function usesMusl() {
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined
}

function install() {
  process.stderr.write('Installing the packages of package-lock.json (once, about a minute) …\n')
  const npm = process.env.npm_execpath
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  // Development packages belong to the scripts of a checkout, whatever NODE_ENV says.
  const options = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  // To stderr, so that `npm run -s sluice -- schema > file` holds the schema alone.
  const { status, error } = spawnSync(command, [...first, 'ci', ...options], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0)
    refuse(`npm ci failed${error ? `: ${error.message}` : ''}. Mend what it says above and start again.`)
}

function refuse(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
