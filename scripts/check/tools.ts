import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** tsc's complaints, a line each. */
export async function checkTypes(root: string): Promise<string[]> {
  return linesOf(await runTool(root, 'typescript/bin/tsc', ['--noEmit', '--pretty', 'false']))
}

/** Biome's complaints about format and lint: one text, since each is a small picture of the code. */
export async function checkStyle(root: string): Promise<string[]> {
  const { failed, output } = await runTool(root, '@biomejs/biome/bin/biome', [
    'check',
    '--colors=off',
    '--error-on-warnings',
  ])
  return failed ? [`${output.trim()}\nnpm run format mends most of this.`] : []
}

interface ToolOutcome {
  failed: boolean
  output: string
}

function runTool(root: string, bin: string, args: string[]): Promise<ToolOutcome> {
  const path = join(import.meta.dirname, '../../node_modules', bin)
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], options, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: `${stdout}${stderr}` || (error?.message ?? '') }),
    )
  })
}

function linesOf({ failed, output }: ToolOutcome): string[] {
  return failed ? output.split('\n').filter((line) => line.trim() !== '') : []
}
