# SPDX-License-Identifier: Apache-2.0
# Prints the circles of a graph, one a line: its members in order, divided by blanks. Input: lines "FROM TO".
# Two nodes are of one circle when there is a way from each to the other (Tarjan's strongly connected components).

function least(a, b) { return a < b ? a : b }

# Takes what lies on the stack above `node` and prints it, if there is more than one.
function take(node,    count, i, k, line, word, one) {
    count = 0
    do {
        one = stack[depth--]
        lies[one] = 0
        for (i = ++count; i > 1 && word[i - 1] > one; i--)
            word[i] = word[i - 1]
        word[i] = one
    } while (one != node)
    line = word[1]
    for (k = 2; k <= count; k++)
        line = line " " word[k]
    if (count > 1)
        print line
}

function visit(node,    to, i) {
    number[node] = low[node] = ++met
    stack[++depth] = node
    lies[node] = 1
    for (i = 1; i <= edges[node]; i++) {
        to = edge[node, i]
        if (!(to in number)) {
            visit(to)
            low[node] = least(low[node], low[to])
        } else if (lies[to]) {
            low[node] = least(low[node], number[to])
        }
    }
    if (low[node] == number[node])
        take(node)
}

$1 != $2 { edge[$1, ++edges[$1]] = $2; nodes[$1]; nodes[$2] }

END {
    for (node in nodes)
        if (!(node in number))
            visit(node)
}
