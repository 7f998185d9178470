import { stringify } from 'yaml'
import { platformObjects } from '../../kubernetes/installPlatform.ts'
import { agent } from './agent.ts'
import { controlPlane } from './controlPlane.ts'
import type { Manifest } from './manifest.ts'

/** A file as `npm run render` writes it; path relative to the root of the repository. */
export interface ManifestFile {
  path: string
  content: string
}

const FOLDER = 'deploy/kubernetes'

/** What an operator applies: the control plane once, to each cluster of GPU nodes the platform and then its agent. */
export function manifestFiles(): ManifestFile[] {
  return Object.entries({ 'control-plane': controlPlane, platform: platformObjects, agent }).flatMap(
    ([folder, manifests]) => [
      yamlFile(`${folder}/manifests.yaml`, manifests),
      // Makes `kubectl apply -k` work, and other kustomizations that change image, replicas or names.
      yamlFile(`${folder}/kustomization.yaml`, [
        { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['manifests.yaml'] },
      ]),
    ],
  )
}

function yamlFile(path: string, documents: readonly (Manifest | object)[]): ManifestFile {
  const content = documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
  return { path: `${FOLDER}/${path}`, content: `# Made by npm run render.\n${content.join('---\n')}` }
}
