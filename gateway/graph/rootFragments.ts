import {
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
} from 'graphql'

/**
 * The same document with the fields of its operations' roots in no fragment. The router looks for
 * questions about the schema among the root's own fields alone, and cannot plan what it finds elsewhere.
 * @param document valid: its fragments do not spread themselves
 */
export function withoutRootFragments(document: DocumentNode): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }

  function fieldsOf(selection: SelectionNode, conditions: readonly DirectiveNode[]): SelectionNode[] {
    const directives = [...conditions, ...(selection.directives ?? [])]
    if (selection.kind === Kind.FIELD) return [{ ...selection, directives }]
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragments.get(selection.name.value)?.selectionSet
    return inner?.selections.flatMap((each) => fieldsOf(each, directives)) ?? []
  }

  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition
    const selections = definition.selectionSet.selections.flatMap((each) => fieldsOf(each, []))
    return { ...definition, selectionSet: { ...definition.selectionSet, selections } }
  })
  return { ...document, definitions }
}
