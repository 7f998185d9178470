import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from '../../deploy/manifests/manifest.ts'
import { onRealControlPlane } from './realControlPlane.ts'

const FOLDER = join(import.meta.dirname, '../../deploy/kubernetes')

async function manifestsIn(folder: string): Promise<Manifest[]> {
  const text = await readFile(join(FOLDER, folder, 'manifests.yaml'), 'utf8')
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest)
}

onRealControlPlane(({ kubectl, connect }) => {
  test.for(['control-plane', 'platform', 'agent'])(
    'the API server takes every manifest of %s, as they are',
    async (folder) => {
      const manifests = await manifestsIn(folder)
      const cluster = await connect()
      // A dry run finds only namespaces that are there.
      for (const name of new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? [])))
        await cluster.apply('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
      await cluster.close()

      const answer = await kubectl(['apply', '-k', join(FOLDER, folder), '--dry-run=server', '--validate=strict'])

      const told = answer.trim().split('\n')
      expect(told).toHaveLength(manifests.length)
      for (const line of told) expect(line).toMatch(/ (created|configured|unchanged) \(server dry run\)$/)
    },
  )

  test('a field that Kubernetes does not know is noticed', async () => {
    const misspelt = JSON.stringify({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'misspelt', namespace: 'default' },
      spec: { minAvailabel: 1 },
    })
    await expect(kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], misspelt)).rejects.toThrow(
      'minAvailabel',
    )
  })
})
