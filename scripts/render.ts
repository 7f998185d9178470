import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderedFiles } from './renderedFiles.ts'

/** `npm run render`: dashboards, rules, provisioning, manifests and the list of metrics, from their TypeScript. */
const root = join(import.meta.dirname, '..')
for (const { path, content } of renderedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
