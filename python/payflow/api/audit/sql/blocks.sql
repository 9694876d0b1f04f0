-- Blocks of the trail that may have what is looked for, the newest first, from one block to another.
SELECT b.block
FROM audit_facets AS b -- ?facet
FROM audit_blocks AS b -- !facet
WHERE
    b.block BETWEEN :first_block AND :last_block
    AND b.facet = :facet AND b.value = :value -- ?facet
    AND EXISTS (SELECT FROM audit_facets AS f WHERE f.facet = 'actor' AND f.value = :actor AND f.block = b.block) -- ?actor
    AND EXISTS (SELECT FROM audit_facets AS f WHERE f.facet = 'action' AND f.value = :action AND f.block = b.block) -- ?action
    AND EXISTS (SELECT FROM audit_facets AS f WHERE f.facet = 'source' AND f.value = :source AND f.block = b.block) -- ?source
    AND EXISTS (SELECT FROM audit_facets AS f WHERE f.facet = 'verdict' AND f.value = :verdict AND f.block = b.block) -- ?verdict
    AND EXISTS (SELECT FROM audit_blocks AS s WHERE s.block = b.block AND s.to_at >= :from_at) -- ?from_at
    AND EXISTS (SELECT FROM audit_blocks AS s WHERE s.block = b.block AND s.from_at < :to_at) -- ?to_at
ORDER BY
    b.block DESC -- !backwards
    b.block -- ?backwards
LIMIT :limit
