import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'

/** `npm run bench -- NAME [its arguments]`: runs bench/NAME.ts. Without a name, says which there are. */
const [name, ...args] = process.argv.slice(2)
const names = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((bench) => bench !== 'run')
  .sort()

if (name !== undefined && names.includes(name)) {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], { stdio: 'inherit' })
  child.on('close', (code) => {
    process.exitCode = code ?? 1
  })
} else {
  console.error(`npm run bench -- NAME [its arguments], where NAME is one of: ${names.join(', ')}`)
  process.exitCode = 1
}
