import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, assert, beforeEach, describe, expect, test } from 'vitest'
import { type BuildOptions, cacheFolder, kubernetesBinaries } from './build.ts'

let folder: string
let options: BuildOptions
const reported: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-build-'))
  reported.length = 0
  options = {
    environment: { SLUICE_CACHE: join(folder, 'cache'), PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
    report: (line) => reported.push(line),
    goFolders: [],
  }
})
afterEach(() => rm(folder, { recursive: true }))

/** A go that writes down what it was asked, and builds a file; `failOn`: the package it cannot build. */
async function fakeGo(failOn = 'nothing'): Promise<void> {
  const script = `#!/bin/sh
echo "$*" >> ${join(folder, 'calls')}
[ "$1" = build ] || exit 0
for last; do :; done
case "$last" in *${failOn}) echo "$last does not compile" >&2; exit 1;; esac
while [ "$1" != -o ]; do shift; done
echo built > "$2" && chmod +x "$2"
`
  await mkdir(join(folder, 'bin'), { recursive: true })
  await writeFile(join(folder, 'bin', 'go'), script)
  await chmod(join(folder, 'bin', 'go'), 0o755)
}
async function packagesBuilt(): Promise<string[]> {
  const calls = await readFile(join(folder, 'calls'), 'utf8')
  return calls
    .split('\n')
    .filter((call) => call.startsWith('build'))
    .map((call) => call.split('/').at(-1) ?? '')
}

describe('the binaries of a control plane', () => {
  test('are built once and then come from the cache, even without Go', async () => {
    await fakeGo()
    const built = await kubernetesBinaries(options)
    assert(!('missing' in built))
    for (const path of Object.values(built)) assert.equal(await readFile(path, 'utf8'), 'built\n')
    await rm(join(folder, 'bin'), { recursive: true })
    expect(await kubernetesBinaries(options)).toEqual(built)
    expect(await packagesBuilt()).toEqual([
      'v3',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubectl',
    ])
  })

  test('a missing one is built again, alone', async () => {
    await fakeGo()
    const built = await kubernetesBinaries(options)
    assert(!('missing' in built))
    await rm(built.kubectl)
    await kubernetesBinaries(options)
    expect((await packagesBuilt()).slice(5)).toEqual(['kubectl'])
  })

  test('two who want them at once build them once', async () => {
    await fakeGo()
    const [one, other] = await Promise.all([kubernetesBinaries(options), kubernetesBinaries(options)])
    expect(one).toEqual(other)
    assert.equal((await packagesBuilt()).length, 5)
    expect(reported).toContain('another process is building; waiting for it')
  })

  test('a failed build says why, leaves no half binary, and goes on where it stopped', async () => {
    await fakeGo('kube-controller-manager')
    await expect(kubernetesBinaries(options)).rejects.toThrow('kube-controller-manager does not compile')
    const [version] = await readdir(join(folder, 'cache'))
    const bin = join(folder, 'cache', version ?? '', 'bin')
    expect((await readdir(bin)).sort()).toEqual(['etcd', 'kube-apiserver'])
    await fakeGo()
    await kubernetesBinaries(options)
    expect((await packagesBuilt()).slice(3)).toEqual(['kube-controller-manager', 'kube-scheduler', 'kubectl'])
  })

  test('without Go: what is missing and a line that installs it', async () => {
    const answer = await kubernetesBinaries(options)
    expect(answer).toMatchObject({ missing: 'go', install: expect.stringMatching(/go/) })
  })

  test('lie in a folder of their versions', async () => {
    await fakeGo()
    const built = await kubernetesBinaries(options)
    assert(!('missing' in built))
    expect(dirname(built.etcd)).toMatch(/kubernetes-v[\d.]+-etcd-v[\d.]+-\w+-\w+\/bin$/)
    assert((await stat(built.etcd)).isFile())
  })
})

test('the cache is where the environment says, else where caches are', () => {
  assert.equal(cacheFolder({ SLUICE_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a')
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b' }), '/b/sluice')
  assert.equal(cacheFolder({}), join(homedir(), '.cache', 'sluice'))
})
