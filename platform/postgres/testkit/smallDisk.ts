import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { onTestFinished, type TestContext } from 'vitest'
import { freshDataDir, isRoot } from './processes.ts'

/** A data folder on a disk of its own, which takes root and the right to mount. */
export async function smallDisk(t: TestContext, megabytes: number): Promise<string> {
  const dataDir = await freshDataDir()
  const run = promisify(execFile)
  if (process.platform !== 'linux' || !isRoot) t.skip('mounting a small disk takes root on Linux')
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', dataDir]).catch(() =>
    t.skip('this container may not mount a small disk'),
  )
  onTestFinished(async () => {
    await run('umount', ['--lazy', dataDir])
  })
  return dataDir
}
