# Kubernetes resource quantities, compared as numbers: `1Gi` = `1024Mi`, `500m` = `0.5` = 0.5.
package lib.quantities

# One unit of each suffix in billionths, the smallest step that Kubernetes keeps.
nano := {
	"n": 1,
	"u": 1000,
	"m": 1000000,
	"": 1000000000,
	"k": 1000000000000,
	"M": 1000000000000000,
	"G": 1000000000000000000,
	"T": 1000000000000000000000,
	"P": 1000000000000000000000000,
	"E": 1000000000000000000000000000,
	"Ki": 1024000000000,
	"Mi": 1048576000000000,
	"Gi": 1073741824000000000,
	"Ti": 1099511627776000000000,
	"Pi": 1125899906842624000000000,
	"Ei": 1152921504606846976000000000,
}

# Powers of ten by index. A quantity ends near 10^19 whole units, so larger exponents count as the largest here.
powers := [
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
	1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000,
	1000000000000000000, 10000000000000000000, 100000000000000000000, 1000000000000000000000,
	10000000000000000000000, 100000000000000000000000, 1000000000000000000000000, 10000000000000000000000000,
	100000000000000000000000000, 1000000000000000000000000000, 10000000000000000000000000000,
]

digits := "0123456789"

# parse(quantity): its value in billionths, rounded up; undefined if it is no quantity. Takes strings and numbers.
# Grammar: k8s.io/apimachinery/pkg/api/resource.
parse(quantity) := signed(written, unsigned) if {
	written := text(quantity)
	suffix := trim_left(written, "+-0123456789.")
	unsigned := magnitude(written, suffix)
}

# positive(quantity): a well-formed quantity above zero.
positive(quantity) if parse(quantity) > 0

text(quantity) := quantity if is_string(quantity)

text(quantity) := $"{quantity}" if is_number(quantity)

signed(written, value) := 0 - value if startswith(written, "-")

else := value

magnitude(written, suffix) := scaled(trim_suffix(written, suffix), nano[suffix]) if nano[suffix]

else := scaled(trim_suffix(written, suffix), power(exponent)) if {
	is_exponential(suffix)
	exponent := substring(suffix, 1, -1)
	trim(exponent, "+-") != ""
}

is_exponential(suffix) if startswith(suffix, "e")

is_exponential(suffix) if startswith(suffix, "E")

# power(exponent): ten to it, in billionths.
power(exponent) := powers[min([9 + whole(trim_prefix(exponent, "+")), 28])] if not startswith(exponent, "-")

else := powers[max([9 - whole(trim_prefix(exponent, "-")), 0])]

# scaled(number, unit): a decimal number without suffix, times a unit, rounded up.
scaled(number, unit) := ceil((whole(integral) * unit) + ((whole(fraction) * unit) / powers[count(fraction)])) if {
	[integral, fraction] := decimal(unsigned_part(number))
	$"{integral}{fraction}" != ""
}

unsigned_part(number) := substring(number, 1, -1) if startswith(number, "+")

else := substring(number, 1, -1) if startswith(number, "-")

else := number

decimal(number) := [number, ""] if not contains(number, ".")

decimal(number) := [parts[0], substring(parts[1], 0, 28)] if {
	parts := split(number, ".")
	count(parts) == 2
}

# whole(text): a run of digits as a number; none is 0.
whole(text) := 0 if {
	trim(text, "0") == ""
} else := to_number(trim_left(text, "0")) if {
	trim(text, digits) == ""
}
