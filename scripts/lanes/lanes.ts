import { execFile } from 'node:child_process'
import { kubernetesBinaries } from '../kubernetes/build.ts'

/** A vitest project together with what the machine must have for it. */
export interface Lane {
  project: string
  /** Resolves to what is missing, or null when the lane can run. May take minutes: it builds what can be built. */
  prepare(): Promise<MissingTool | null>
}
export interface MissingTool {
  tool: string
  /** A line to type that mends it. */
  install: string
}

const nothingMissing = async () => null

export const TEST_LANES: readonly Lane[] = [
  { project: 'unit', prepare: nothingMissing },
  { project: 'acceptance', prepare: nothingMissing },
  { project: 'kubernetes', prepare: missingForKubernetes },
  { project: 'prometheus', prepare: missingForPrometheus },
]

export const PROOF_LANES: readonly Lane[] = [
  { project: 'acceptance-apart', prepare: nothingMissing },
  { project: 'proof', prepare: nothingMissing },
]

async function missingForKubernetes(): Promise<MissingTool | null> {
  const binaries = await kubernetesBinaries()
  return 'missing' in binaries ? { tool: binaries.missing, install: binaries.install } : null
}

/** Any version from Debian 12's 2.42 on. */
const PROMETHEUS_TOOLS = ['prometheus', 'promtool'] as const
const INSTALL_PROMETHEUS =
  process.platform === 'darwin' ? 'brew install prometheus' : 'sudo apt-get install --no-install-recommends prometheus'

async function missingForPrometheus(): Promise<MissingTool | null> {
  for (const tool of PROMETHEUS_TOOLS) {
    if (!(await answers(tool))) return { tool, install: INSTALL_PROMETHEUS }
  }
  return null
}

function answers(tool: string): Promise<boolean> {
  return new Promise((resolve) => execFile(tool, ['--version'], (error) => resolve(error === null)))
}
