import type { BenchNode } from '../common/nodes.ts'

export interface Size {
  readonly pods: number
  readonly nodes: number
}

/** Four times as large as they need be: room is there, and finding it is not what is measured. */
export function nodesOf({ pods, nodes }: Size): BenchNode[] {
  const each = 4 * Math.ceil(pods / nodes)
  return Array.from({ length: nodes }, (_, number) => ({ name: `node-${number}`, cpu: each, pods: 110 }))
}

/** What every pod asks. */
export const POD_SPEC = {
  restartPolicy: 'Never',
  containers: [{ name: 'main', image: 'none', resources: { requests: { cpu: '1' } } }],
} as const
