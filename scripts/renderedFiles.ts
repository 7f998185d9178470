import { generatedFiles } from '../dashboards/render/generatedFiles.ts'
import { manifestFiles } from '../deploy/manifests/files.ts'
import type { GeneratedFile } from './codegen/generatedFile.ts'
import { metricTable } from './metricTable.ts'

/** What `npm run render` writes for operators: dashboards and rules, manifests, the guide's list of metrics. */
export function renderedFiles(): GeneratedFile[] {
  return [...generatedFiles(), ...manifestFiles(), { path: 'docs/guide/metrics.md', content: metricTable() }]
}
