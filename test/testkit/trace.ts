import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TestContext, test } from 'vitest'

/** The production trace, which is too large to be part of this repository: beside it, or where the variable says. */
const FOLDER = process.env.SLUICE_SHARED_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

/** Paths of its files. */
export const trace = {
  nodes: join(FOLDER, 'openb_node_list_gpu_node.csv'),
  pods: join(FOLDER, 'openb_pod_list_default.csv'),
  podsWithMoreShares: join(FOLDER, 'openb_pod_list_gpushare40.csv'),
  podsWithMoreModels: join(FOLDER, 'openb_pod_list_gpuspec10.csv'),
  podsWithoutTimes: join(FOLDER, 'openb_pod_list_multigpu20.csv'),
}

/** A test that reads the trace. Without the trace it is skipped, and in CI it fails. */
export function traceTest(name: string, run: (t: TestContext) => Promise<void>): void {
  const absent = `the production trace is not in ${FOLDER}; set SLUICE_SHARED_DATA`
  if (Object.values(trace).every(existsSync)) {
    test(name, run)
  } else if (process.env.CI === 'true') {
    test(name, () => {
      throw new Error(absent)
    })
  } else {
    test.skip(`${name} (${absent})`)
  }
}
