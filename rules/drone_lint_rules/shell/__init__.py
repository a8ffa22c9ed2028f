"""Reading shell commands, shared by several rules.

    script = script_of(step)
    if script.mentions("curl", "wget"):                     # cheap; most scripts end here
        for command in script.commands:                     # parsed once, cached
            if command.program == "curl":                   # behind sudo, env, exec, time, xargs ..., without folder
                for option in options(command, "-o -H"):    # clusters and `--x=y` taken apart
                    ...
                yield self.finding(script.place(command.start, command.end), "...")

A `SimpleCommand` knows its `arguments` (each a `Word` with decoded `text`, `literal`, `variables()`), `redirections`, `assignments`,
`stage` (its place in a pipeline: `stage.earlier`, `stage.later`), `feeds` (the stages its output is piped into) and `scopes` (what
holds it: function, loop, substitution, the text of `sh -c`). All offsets are those of `script.text`; `script.place` maps them to the
command and column that the author wrote. `options` and `operands` are in `shell.options`, to be imported where they are used: what a
clean run does not need, it does not import. Commands for PowerShell are not read (`script.shell`).
"""

from drone_lint_rules.shell.script import Script, script_of, shell_text

__all__ = ["Script", "script_of", "shell_text"]
