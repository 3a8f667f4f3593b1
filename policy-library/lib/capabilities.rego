# Linux capabilities as container runtimes read their names.
package lib.capabilities

# read(name, strict): the bare name in capitals: runtimes read it without regard to case, with or without CAP_. With
# strict the name as it is written.
read(name, true) := name

read(name, false) := trim_prefix(upper(name), "CAP_")
