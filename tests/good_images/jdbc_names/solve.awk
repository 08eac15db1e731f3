# Least squares on standardised columns, and the PFA document that predicts with the coefficients.
$1 == "input" { fields = $2 }
$1 == "term" { expression[++width] = $2 }
$1 == "row" {
  count++
  target[count] = $2
  for (i = 1; i <= width; i++) value[count, i] = $(i + 2)
}

END {
  constant = intercept == "true"
  for (i = 1; i <= width; i++) standardise(i)
  for (r = 1; r <= count; r++) centre += constant * target[r] / count
  for (i = 1; i <= width; i++) {
    for (j = 1; j <= width; j++) a[i, j] = penalty * count * (i == j) + product(i, j)
    for (r = 1; r <= count; r++) b[i] += value[r, i] * (target[r] - centre)
  }
  eliminate()
  base = centre
  for (i = 1; i <= width; i++) base -= weight[i] * mean[i] / scale[i]
  sum = number(base)
  for (i = 1; i <= width; i++) sum = sprintf("{\"+\":[%s,{\"*\":[%s,%s]}]}", sum, number(weight[i] / scale[i]), expression[i])
  printf "{\"name\":\"LeastSquares\",\"method\":\"map\",\"output\":\"double\","
  printf "\"input\":{\"type\":\"record\",\"name\":\"Input\",\"fields\":%s},\"action\":[%s]}\n", fields, sum
}

function number(x) { return sprintf("{\"double\":%.17g}", x) }

function product(i, j,    r, sum) {
  for (r = 1; r <= count; r++) sum += value[r, i] * value[r, j]
  return sum
}

function standardise(i,    r, squares) {
  for (r = 1; r <= count; r++) mean[i] += constant * value[r, i] / count
  for (r = 1; r <= count; r++) squares += (value[r, i] - mean[i]) ^ 2
  scale[i] = squares > 0 ? sqrt(squares / count) : 1
  for (r = 1; r <= count; r++) value[r, i] = (value[r, i] - mean[i]) / scale[i]
}

# Gauss and Jordan, with the largest pivot; a column that the others explain gets no weight.
function eliminate(    step, i, j, best, factor, swap) {
  for (step = 1; step <= width; step++) {
    best = 0
    for (i = 1; i <= width; i++) if (!used[i] && (!best || size(i, step) > size(best, step))) best = i
    if (!best || size(best, step) < 1e-9 * count) continue
    used[best] = 1
    row_of[step] = best
    for (i = 1; i <= width; i++) {
      if (i == best) continue
      factor = a[i, step] / a[best, step]
      for (j = 1; j <= width; j++) a[i, j] -= factor * a[best, j]
      b[i] -= factor * b[best]
    }
  }
  for (step = 1; step <= width; step++) weight[step] = row_of[step] ? b[row_of[step]] / a[row_of[step], step] : 0
}

function size(i, step) { return a[i, step] < 0 ? -a[i, step] : a[i, step] }
