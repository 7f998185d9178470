import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @throws Error with all it said, where it is not content */
export async function promtool(...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('promtool', args)
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`promtool ${args.join(' ')}\n${stdout}${stderr}`)
  }
}
