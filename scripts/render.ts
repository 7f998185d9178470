import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles } from '../dashboards/render/generatedFiles.ts'

/** `npm run render`: dashboards, rules and provisioning, from their TypeScript. */
const root = join(import.meta.dirname, '..')
for (const { path, content } of generatedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
