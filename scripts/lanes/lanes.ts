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
]

export const PROOF_LANES: readonly Lane[] = [{ project: 'proof', prepare: nothingMissing }]

async function missingForKubernetes(): Promise<MissingTool | null> {
  const binaries = await kubernetesBinaries()
  return 'missing' in binaries ? { tool: binaries.missing, install: binaries.install } : null
}
