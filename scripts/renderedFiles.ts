import { generatedFiles } from '../dashboards/render/generatedFiles.ts'
import { manifestFiles } from '../deploy/manifests/files.ts'
import type { GeneratedFile } from './codegen/generatedFile.ts'

/** What `npm run render` writes for operators: dashboards and rules, manifests. */
export function renderedFiles(): GeneratedFile[] {
  return [...generatedFiles(), ...manifestFiles()]
}
