"""`tmx completion`: what has a shell complete commands, options, names of sweeps, fields and values.

click has the machinery. Its scripts are changed where they end a setting such as `k_dust=` with a space; bash, for
which a sign of equality ends a word, is given the rest of the word only.
"""

import os

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from tmx.cli.main import COMPLETION

SETTINGS = ("-p", "--params")
"""Options that take several values in a row."""

BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                case $value in *=|*/) compopt -o nospace ;; esac ;;
        esac
    done < <(env COMP_WORDS="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -F %(complete_func)s %(prog_name)s
"""

ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a lines open described
    local type key descr
    lines=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for type key descr in ${lines}; do
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain)
                if [[ $key == *[=/] ]]; then
                    open+=("$key")
                else
                    [[ $descr == "_" ]] && described+=("$key") || described+=("$key:$descr")
                fi ;;
        esac
    done
    (( $#open )) && compadd -U -S '' -V unsorted -a open
    (( $#described )) && _describe -V unsorted described -U
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class _WithSettings(ShellComplete):
    """Completes each of the values that follow one `-p`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Repeat the option before the value that is being written."""
        option = next((arg for arg in reversed(args) if arg.startswith("-")), "")
        if option in SETTINGS and args[-1] != option and not incomplete.startswith("-"):
            args = [*args, option]
        return super().get_completions(args, incomplete)


@add_completion_class
class _Bash(_WithSettings, BashComplete):
    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Split the line up to the cursor as bash itself would, but for signs of equality."""
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        return (words, "") if not words or line[-1].isspace() else (words[:-1], words[-1])

    def complete(self) -> str:
        """Give what completes the part of the word behind its last sign of equality."""
        args, incomplete = self.get_completion_args()
        begun = incomplete.rpartition("=")
        given = len(begun[0] + begun[1])
        items = self.get_completions(args, incomplete)
        return "\n".join(f"{item.type},{item.value[given:] if item.type == 'plain' else item.value}" for item in items)


@add_completion_class
class _Zsh(_WithSettings, ZshComplete):
    source_template = ZSH


@add_completion_class
class _Fish(_WithSettings, FishComplete):
    pass


SHELLS = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what has a shell complete commands, options, sweeps, fields and values.

    bash: eval "$(tmx completion bash)" in ~/.bashrc

    zsh: eval "$(tmx completion zsh)" in ~/.zshrc, after compinit

    fish: tmx completion fish > ~/.config/fish/completions/tmx.fish
    """
    click.echo(SHELLS[shell](ctx.find_root().command, {}, "tmx", COMPLETION).source(), nl=False)
