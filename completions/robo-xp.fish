# Tab completion of robo-xp for fish. Written by: ./dev python -m tools.generate
# What comes out of the vault is data here: compared and shown, never evaluated.

# Prints the commands below a command.
function __robo_xp_commands
    switch "$argv[1]"
        case ''
            printf '%s\t%s\n' rank 'Show one member, same as xp show' \
                leaderboard 'Show the leaderboard' \
                lb 'Same as leaderboard' \
                top 'Watch a guild live' \
                xp 'Give, remove, set and look at XP' \
                member 'Who stands on boards' \
                card 'Draw a member\'s rank card' \
                curve 'How much XP a level takes' \
                config 'Settings of a guild and their defaults' \
                reward 'Roles given for levels' \
                multiplier 'Factors for guild, roles, channels, members' \
                boost 'Multipliers for a time' \
                period 'Boards of days, weeks and months' \
                no-xp 'Roles and channels that earn nothing' \
                giveaway 'Start, run and verify giveaways' \
                store 'XP tracks of a guild: seasons, reputation' \
                guild 'Guilds that have data' \
                history 'What was changed, by whom' \
                events 'The event stream' \
                undo 'Take one change back' \
                publish 'Write the pages of public guilds' \
                import 'Read XP from other bots' \
                export 'Write XP to a file' \
                backup 'One file of everything' \
                vault 'Check and repair the files' \
                init 'Set up: configuration, folders' \
                doctor 'Look whether all is well' \
                daemon 'The running daemon' \
                service 'A service of systemd' \
                completion 'Completion for the shell' \
                demo 'A tour in a temporary vault'
        case 'xp'
            printf '%s\t%s\n' give 'Add XP to members, who need not have any yet; all together are one change' \
                remove 'Take XP from members, down to 0; all together are one change' \
                set 'Make the XP of members exactly this much; all together are one change' \
                recalc 'Make stored levels what the curve says, and have role rewards looked at again' \
                show 'Show a member\'s level, XP, rank and progress' \
                list 'List the members of a store, also those without XP' \
                delete 'Delete the records of members: XP, level and counters. \'undo\' brings them back' \
                apply 'Carry out many changes from a file as one, which \'undo\' takes back as a whole' \
                why 'Say which rules a message would meet and what it would earn; nothing is changed' \
                chart 'Draw a member\'s XP day by day, as far back as the journal is kept'
        case 'member'
            printf '%s\t%s\n' hide 'Take members off boards and pages; all together are one change' \
                show 'Let hidden members stand on boards and pages again; all together are one change' \
                prune 'Delete the records of members who left, are quiet or have next to nothing, as one change' \
                export 'Write everything that is kept about one person in all stores of a guild, as one JSON object' \
                erase 'Erase a person from all stores, giveaways and names of a guild, for good' \
                decay 'Take from members who earned nothing for long what a day takes, once a day'
        case 'curve'
            printf '%s\t%s\n' show 'Show the curve that holds, who set it, and its first levels' \
                set 'Set the curve; the levels of all members follow at once' \
                reset 'Go back to the curve of the global defaults, or to the default one' \
                table 'List levels with their XP, of the curve that holds or of one that is given' \
                plot 'Draw the curve that holds, or others that are given' \
                compare 'Show the members of today under other curves, before any is set'
        case 'config'
            printf '%s\t%s\n' show 'Show all settings with the layer that each comes from' \
                get 'Show one setting and the layer that it comes from' \
                explain 'Say what a setting means: what it takes, its default, what holds and who set it' \
                set 'Set one setting: JSON or plain text, several values for a list' \
                unset 'Let a setting, or a group of them, follow the layer below again' \
                edit 'Open the settings that are set here in an editor ($VISUAL, $EDITOR), as TOML' \
                export 'Write the settings that are set here as a document that import and apply read' \
                import 'Set all settings of a document and keep the others; one fault, and nothing is stored' \
                diff 'Show what applying a file would change: a row for each setting' \
                apply 'Make a guild\'s own settings what a file says, curve, rewards and giveaways included'
        case 'reward'
            printf '%s\t%s\n' list 'List the rewards of the guild' \
                add 'Give a role at a level; one that lets its members manage the guild only where you say so' \
                remove 'Give no role at a level any more; members keep those they have' \
                mode 'Let members keep all earned roles (stack), or only the highest (replace)' \
                on-loss 'Take roles away (on), or leave them (off), when a member falls below their level'
        case 'multiplier'
            printf '%s\t%s\n' list 'List the multipliers of the guild' \
                server 'Multiply all awards of the guild' \
                role 'Multiply awards of members with a role; of several such roles the largest counts' \
                channel 'Multiply awards in a thread, a channel or all channels of a category; the nearest counts' \
                user 'Multiply awards of one member' \
                remove-role 'Forget the multiplier of a role' \
                remove-channel 'Forget the multiplier of a channel' \
                remove-user 'Forget the multiplier of a member'
        case 'boost'
            printf '%s\t%s\n' add 'Multiply awards for a time' \
                list 'List the boosts that run or are planned' \
                end 'End a boost now, or forget one that is planned; messages from before keep its factor' \
                preview 'Show when boosts run from now on, and what they come to together'
        case 'period'
            printf '%s\t%s\n' list 'List the periods that run, and those that are closed, the newest first' \
                show 'Show one period and its first members' \
                close 'Close the periods that are over: keep their boards, and give their prizes'
        case 'no-xp'
            printf '%s\t%s\n' list 'List the roles and channels that earn nothing' \
                add-role 'Give members with a role no XP for messages' \
                remove-role 'Let members with a role earn XP again' \
                add-channel 'Give no XP for messages in a channel and its threads, or in all channels of a category' \
                remove-channel 'Let messages in a channel earn XP again'
        case 'giveaway'
            printf '%s\t%s\n' list 'List giveaways: the active ones, and the last 50 that finished' \
                info 'Show everything about a giveaway' \
                start 'Start a giveaway. It is stored at once; the daemon posts it' \
                edit 'Change the prize, the end or the number of winners; of a planned one also the start' \
                enter 'Enter members into a giveaway; all together are one change' \
                leave 'Take members out of an active giveaway; all together are one change' \
                entries 'List the entries of a giveaway' \
                end 'Draw the winners now; \'-o ids\' prints them' \
                cancel 'End a giveaway without winners. This cannot be taken back' \
                reroll 'Draw more winners of an ended giveaway, none of whom has won before' \
                handed-over 'Note that a winner has got the prize; undo takes the note back' \
                beacon 'Draw with the signature of the round that the giveaway waits for' \
                verify 'Compute all draws of a giveaway again, from its secret and its entries' \
                export 'Write a giveaway with its entries: all that somebody else needs to verify it' \
                proof 'Write a page that computes the draws of a giveaway again in any browser' \
                import 'Take giveaways of other bots over: discord-giveaways, GiveawayBot, Robo.js' \
                settings 'What giveaways start with, and their limits' \
                template 'Terms of giveaways, kept under a name'
        case 'giveaway settings'
            printf '%s\t%s\n' show 'Show all settings with the layer that each comes from' \
                get 'Show one setting and the layer that it comes from' \
                explain 'Say what a setting means: what it takes, its default, what holds and who set it' \
                set 'Set one setting: JSON or plain text, several values for a list' \
                unset 'Let a setting, or a group of them, follow the layer below again' \
                edit 'Open the settings that are set here in an editor ($VISUAL, $EDITOR), as TOML' \
                export 'Write the settings that are set here as a document that import reads' \
                import 'Set all settings of a document and keep the others; one fault, and nothing is stored' \
                reset 'Another word for unset; without KEY all settings follow the layer below again'
        case 'giveaway template'
            printf '%s\t%s\n' save 'Keep terms under a name, in place of those that it had' \
                remove 'Forget a template; giveaways that were started with it go on' \
                list 'List the templates of the guild, and those that hold for all guilds'
        case 'store'
            printf '%s\t%s\n' list 'List the stores of the guild' \
                stats 'Show the figures of one store' \
                copy 'Start a new store with the settings of another, and with its members if asked' \
                rename 'Give a store another name; its history stays under the old one' \
                delete 'Delete all members and settings of a store. \'undo\' brings them back'
        case 'guild'
            printf '%s\t%s\n' list 'List the guilds that have data, with their stores'
        case 'backup'
            printf '%s\t%s\n' create 'Write one consistent file of everything while other programs go on' \
                list 'List the backups in a folder, oldest first, and whether each is whole' \
                show 'Show what is in a backup: when it was made, its guilds, their stores and members' \
                restore 'Put a backup, or an earlier moment, in the place of what is in the data folder'
        case 'vault'
            printf '%s\t%s\n' check 'Look at every line of every file, and at modes and owners; change nothing' \
                repair 'Cut damage away and keep what can be proved; originals are kept beside' \
                info 'Show where the vault is and how large each of its namespaces is' \
                compact 'Fold journals into snapshots, which makes opening quicker and the files smaller' \
                move 'Move a vault from a folder into PostgreSQL, or back'
        case 'daemon'
            printf '%s\t%s\n' status 'Show how the daemon of the data folder is, or all daemons where there are several' \
                reload 'Have the daemon read its configuration again, or all daemons where there are several' \
                sync 'Have the daemon tell Discord of the slash commands again' \
                invite 'Show the link that invites the bot into a server, with the permissions that it needs' \
                stop 'Have the daemon finish what is in hand and end, or all daemons, and wait until they have'
        case 'service'
            printf '%s\t%s\n' install 'Write the unit files of systemd, and make the account that the daemon runs under' \
                uninstall 'Stop the daemon and remove the files that install wrote' \
                show 'List the unit files and how they are, or print one as it is installed'
        case 'completion'
            printf '%s\t%s\n' show 'Print the completion script of a shell' \
                install 'Write the completion script to where the shell looks for those of this account'
    end
end

# Prints the options of a command.
function __robo_xp_options
    switch "$argv[1]"
        case ''
            printf '%s\t%s\n' --version 'Show the version' \
                -V 'Show the version'
        case 'leaderboard'
            printf '%s\t%s\n' --page 'Page, from 1' \
                --limit 'How many entries' \
                --offset 'Leave out the first N entries' \
                --around 'The entries around this member' \
                --period 'What was gained in a day, week or month' \
                --at 'Which period: -1 for the one before, or a day in it' \
                --since 'What was gained since then'
        case 'lb'
            printf '%s\t%s\n' --page 'Page, from 1' \
                --limit 'How many entries' \
                --offset 'Leave out the first N entries' \
                --around 'The entries around this member' \
                --period 'What was gained in a day, week or month' \
                --at 'Which period: -1 for the one before, or a day in it' \
                --since 'What was gained since then'
        case 'top'
            printf '%s\t%s\n' --interval 'Seconds between two looks' \
                --window 'How far to look back, else 10m' \
                --limit 'How many members' \
                --once 'One snapshot instead of the live view'
        case 'xp give'
            printf '%s\t%s\n' --role 'Who has this role now, as the running daemon sees'
        case 'xp remove'
            printf '%s\t%s\n' --role 'Who has this role now, as the running daemon sees'
        case 'xp set'
            printf '%s\t%s\n' --level 'The XP of this level as the total' \
                --role 'Who has this role now, as the running daemon sees'
        case 'xp recalc'
            printf '%s\t%s\n' --all 'All members of the store'
        case 'xp list'
            printf '%s\t%s\n' --min-xp 'At least N XP' \
                --max-xp 'At most N XP' \
                --min-level 'At least this level' \
                --max-level 'At most this level' \
                --name 'Whose name has this text in it, in whatever case' \
                --inactive 'Who earned nothing for so many days' \
                --hidden 'Only who is hidden from boards' \
                --sort 'Most of what first' \
                --offset 'Leave out the first N' \
                --limit 'At most N members'
        case 'xp delete'
            printf '%s\t%s\n' --all 'All members of the store'
        case 'xp apply'
            printf '%s\t%s\n' --op 'For rows that name none' \
                --keep-going 'Apply the good rows, report the others' \
                --amount 'For rows that say none' \
                --once 'Change nothing in a second run with this key'
        case 'xp why'
            printf '%s\t%s\n' --channel 'Where the message stands' \
                --role 'A role that the member holds; may be repeated' \
                --at 'When, else now, such as 2h for two hours ago, or \'sat 18:00\''
        case 'xp chart'
            printf '%s\t%s\n' --days 'How many days' \
                --svg 'SVG file to write too' \
                --png 'PNG file to write too'
        case 'member prune'
            printf '%s\t%s\n' --left 'Who left at least so long ago' \
                --inactive 'Who earned nothing for so long' \
                --below 'Who has less XP than this'
        case 'card'
            printf '%s\t%s\n' --output 'PNG file to write' \
                --avatar 'Picture of the member' \
                --template 'Typst file, or folder of one'
        case 'curve show'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'curve set'
            printf '%s\t%s\n' --max-level 'Highest level' \
                --no-recalc 'Leave the levels of members as they are' \
                --global 'The defaults of all guilds instead of one guild'
        case 'curve reset'
            printf '%s\t%s\n' --no-recalc 'Leave the levels of members as they are' \
                --global 'The defaults of all guilds instead of one guild'
        case 'curve table'
            printf '%s\t%s\n' --from 'First level' \
                --to 'Last level, else 20 levels' \
                --global 'The defaults of all guilds instead of one guild'
        case 'curve plot'
            printf '%s\t%s\n' --to 'Last level' \
                --global 'The defaults of all guilds instead of one guild' \
                --svg 'SVG file to write too' \
                --png 'PNG file to write too'
        case 'curve compare'
            printf '%s\t%s\n' --svg 'SVG file to write too' \
                --png 'PNG file to write too'
        case 'config show'
            printf '%s\t%s\n' --effective 'What holds (the default)' \
                --own 'Only what was set here itself' \
                --global 'The defaults of all guilds instead of one guild'
        case 'config get'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'config explain'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'config set'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'config unset'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'config edit'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'config export'
            printf '%s\t%s\n' --all 'With the settings of giveaways: a guild as a file' \
                --format 'Format' \
                --global 'The defaults of all guilds instead of one guild' \
                --into 'A file to bring up to date; comments of TOML stay'
        case 'config import'
            printf '%s\t%s\n' --replace 'Unset what the document does not say' \
                --global 'The defaults of all guilds instead of one guild'
        case 'config diff'
            printf '%s\t%s\n' --prune 'Also unset what the file does not say' \
                --exit-code 'Exit with 1 where something differs'
        case 'config apply'
            printf '%s\t%s\n' --prune 'Also unset what the file does not say'
        case 'reward add'
            printf '%s\t%s\n' --dangerous 'Also a role whose members manage the guild'
        case 'boost add'
            printf '%s\t%s\n' --name 'What it is called' \
                --from 'When it begins, else now' \
                --until 'When it ends; 2d is from its beginning' \
                --for 'How long it lasts, such as 2d' \
                --weekly 'Only then, such as \'sat 18:00-22:00\'' \
                --tz 'Time zone of \'sat 18:00\', else periods.timezone' \
                --channel 'Only in this channel or category' \
                --role 'Only for members with this role'
        case 'boost list'
            printf '%s\t%s\n' --all 'Those that are over too'
        case 'boost preview'
            printf '%s\t%s\n' --days 'How many days ahead'
        case 'period show'
            printf '%s\t%s\n' --at '-1 for the one before, or a day in it'
        case 'giveaway list'
            printf '%s\t%s\n' --active 'Only those that go on' \
                --recent 'Only the last 50 that finished' \
                --all 'All there ever were'
        case 'giveaway start'
            printf '%s\t%s\n' --channel 'Where it is posted' \
                --host 'Who hosts it' \
                --template 'Start it with the terms of this template' \
                --at 'When it starts, such as \'sat 18:00\' or 2h' \
                --every 'Another one follows each time, such as 1w' \
                --times 'How many there are in all' \
                --until 'Until when they start' \
                --tz 'Time zone of \'sat 18:00\', else periods.timezone' \
                --duration 'How long (10m, 1h30m, 2d) or until when' \
                --winners 'How many winners' \
                --allow-role 'Who has one of these may enter; may be repeated' \
                --deny-role 'Who has one of these may not; may be repeated' \
                --min-account-age 'Days that an account must be old' \
                --bonus 'Entries on top for a role; may be repeated' \
                --bonus-mode 'Whether the highest bonus of several roles counts, or all' \
                --require 'What is asked of entrants, such as minLevel=5; may be repeated' \
                --bypass 'Who has one of these need not meet any of it; may be repeated' \
                --drop 'The first who enter win, as soon as there are enough' \
                --claim 'How long winners have to claim their prize, as 24h' \
                --claim-rounds 'How often unclaimed prizes are drawn again, else 3' \
                --last-chance 'Tell so long before the end, as 1h' \
                --ping-role 'Which role is notified at the start' \
                --image 'Picture of its message' \
                --colour 'Colour of its message, as #5865f2' \
                --entries-public 'Everybody may see who entered' \
                --beacon 'Which public beacon decides too, so that nobody can foresee the draw'
        case 'giveaway edit'
            printf '%s\t%s\n' --prize 'Another prize' \
                --ends 'How long from now, or from a start to come; or until when' \
                --winners 'How many winners' \
                --at 'When it starts, such as \'sat 18:00\' or 2h'
        case 'giveaway enter'
            printf '%s\t%s\n' --role 'A role that they all hold; may be repeated' \
                --force 'Enter them whatever the giveaway asks, so that they can win'
        case 'giveaway reroll'
            printf '%s\t%s\n' --count 'How many, else as many as it had winners'
        case 'giveaway verify'
            printf '%s\t%s\n' --commitment 'As the message at the start shows it' \
                --entries 'How many, as the message at the close says' \
                --digest 'As the message at the close shows it' \
                --root 'As the message at the close shows it' \
                --receipt 'What an entrant was given'
        case 'giveaway proof'
            printf '%s\t%s\n' --force 'Replace FILE if it is there'
        case 'giveaway import'
            printf '%s\t%s\n' --from-guild 'Take what the file says of this guild' \
                --skip-bad 'Exit 0 although some giveaways were skipped'
        case 'giveaway settings show'
            printf '%s\t%s\n' --effective 'What holds (the default)' \
                --own 'Only what was set here itself' \
                --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings get'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings explain'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings set'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings unset'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings edit'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings export'
            printf '%s\t%s\n' --format 'Format' \
                --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings import'
            printf '%s\t%s\n' --replace 'Unset what the document does not say' \
                --global 'The defaults of all guilds instead of one guild'
        case 'giveaway settings reset'
            printf '%s\t%s\n' --global 'The defaults of all guilds instead of one guild'
        case 'giveaway template save'
            printf '%s\t%s\n' --prize 'What there is to win' \
                --channel 'Where it is posted' \
                --duration 'How long (10m, 1h30m, 2d) or until when' \
                --winners 'How many winners' \
                --allow-role 'Who has one of these may enter; may be repeated' \
                --deny-role 'Who has one of these may not; may be repeated' \
                --min-account-age 'Days that an account must be old' \
                --bonus 'Entries on top for a role; may be repeated' \
                --bonus-mode 'Whether the highest bonus of several roles counts, or all' \
                --require 'What is asked of entrants, such as minLevel=5; may be repeated' \
                --bypass 'Who has one of these need not meet any of it; may be repeated' \
                --drop 'The first who enter win, as soon as there are enough' \
                --claim 'How long winners have to claim their prize, as 24h' \
                --claim-rounds 'How often unclaimed prizes are drawn again, else 3' \
                --last-chance 'Tell so long before the end, as 1h' \
                --ping-role 'Which role is notified at the start' \
                --image 'Picture of its message' \
                --colour 'Colour of its message, as #5865f2' \
                --entries-public 'Everybody may see who entered' \
                --beacon 'Which public beacon decides too, so that nobody can foresee the draw'
        case 'store stats'
            printf '%s\t%s\n' --svg 'SVG file to write too' \
                --png 'PNG file to write too'
        case 'store copy'
            printf '%s\t%s\n' --members 'Also copy the members'
        case 'history'
            printf '%s\t%s\n' --limit 'How many' \
                --user 'Only what touched this member, and its part in it' \
                --since 'Only from then on: 2h, 2026-05-01, \'sat 18:00\'' \
                --until 'Only before then' \
                --by 'Only by this actor: cli:alice, or alice' \
                --cmd 'Only of this command: \'xp give\', or xp' \
                --awards 'Also awards for messages' \
                --giveaways 'Of the guild\'s giveaways' \
                --global 'Of the global defaults'
        case 'events'
            printf '%s\t%s\n' --follow 'Go on with new ones' \
                -f 'Go on with new ones' \
                --type 'Only of this type; may be repeated' \
                --user 'Only of this member' \
                --since 'Only from then on: 2h, 2026-05-01, \'sat 18:00\'' \
                --limit 'Only the last N past ones' \
                --all-stores 'Of every store of the guild' \
                --all-guilds 'Of every guild' \
                --giveaways 'Of the guild\'s giveaways' \
                --global 'Of the global defaults'
        case 'undo'
            printf '%s\t%s\n' --giveaways 'Of the guild\'s giveaways' \
                --global 'Of the global defaults'
        case 'import'
            printf '%s\t%s\n' --merge 'Where a member has XP already' \
                --keep 'What is taken over as it is' \
                --with 'Also settings, rewards; giveaways of Robo.js' \
                --curve 'The curve that the file\'s levels are of' \
                --xp-in-level 'XP in the file start from 0 at each level' \
                --from-guild 'Take what the file says of this guild' \
                --key 'How keys are built, as xp_{guild}_{user}' \
                --table 'Which table of a database' \
                --stores 'Names of stores in a Robo.js folder' \
                --skip-bad 'Exit 0 although some entries were skipped'
        case 'export'
            printf '%s\t%s\n' --format 'Kind of the file, else as its name ends' \
                --force 'Replace FILE if it is there'
        case 'backup create'
            printf '%s\t%s\n' --keep 'Remove all but the newest N in the folder'
        case 'backup restore'
            printf '%s\t%s\n' --at 'As of this time, or 2h for two hours ago' \
                --reopen-giveaways 'Let giveaways that are over open again'
        case 'vault repair'
            printf '%s\t%s\n' --salvage 'Where nothing else is left, keep even what nothing proves'
        case 'vault compact'
            printf '%s\t%s\n' --archive-days 'Keep folded batches for so long (30)'
        case 'init'
            printf '%s\t%s\n' --group 'Share data and the daemon with this group' \
                --token-file 'Where the bot\'s token is' \
                --read-token 'Read the token from stdin and store it there' \
                --force 'Replace files; the configuration is copied first'
        case 'doctor'
            printf '%s\t%s\n' --full 'Read every line of the vault, like vault check'
        case 'daemon reload'
            printf '%s\t%s\n' --shards 'Of several daemons the one of these shards, else all'
        case 'daemon invite'
            printf '%s\t%s\n' --application 'Id of the application in the developer portal, else that of the bot\'s token'
        case 'daemon stop'
            printf '%s\t%s\n' --timeout 'Seconds to wait for its end' \
                --shards 'Of several daemons the one of these shards, else all'
        case 'service install'
            printf '%s\t%s\n' --user 'A service of this account, without root' \
                --root 'Below this folder, for packages' \
                --program 'The daemon to start, else the one beside this program'
        case 'service uninstall'
            printf '%s\t%s\n' --user 'A service of this account, without root' \
                --root 'Below this folder, for packages'
        case 'service show'
            printf '%s\t%s\n' --user 'A service of this account, without root' \
                --root 'Below this folder, for packages'
        case 'demo'
            printf '%s\t%s\n' --keep 'Keep the vault, in DIR'
    end
    if contains -- "$argv[1]" 'xp give' \
        'xp remove' \
        'xp set' \
        'xp recalc' \
        'xp delete' \
        'xp apply' \
        'member hide' \
        'member show' \
        'member prune' \
        'member erase' \
        'member decay' \
        'curve set' \
        'curve reset' \
        'config set' \
        'config unset' \
        'config edit' \
        'config import' \
        'config apply' \
        'reward add' \
        'reward remove' \
        'reward mode' \
        'reward on-loss' \
        'multiplier server' \
        'multiplier role' \
        'multiplier channel' \
        'multiplier user' \
        'multiplier remove-role' \
        'multiplier remove-channel' \
        'multiplier remove-user' \
        'boost add' \
        'boost end' \
        'period close' \
        'no-xp add-role' \
        'no-xp remove-role' \
        'no-xp add-channel' \
        'no-xp remove-channel' \
        'giveaway start' \
        'giveaway edit' \
        'giveaway enter' \
        'giveaway leave' \
        'giveaway end' \
        'giveaway cancel' \
        'giveaway reroll' \
        'giveaway handed-over' \
        'giveaway beacon' \
        'giveaway import' \
        'giveaway settings set' \
        'giveaway settings unset' \
        'giveaway settings edit' \
        'giveaway settings import' \
        'giveaway settings reset' \
        'giveaway template save' \
        'giveaway template remove' \
        'store copy' \
        'store rename' \
        'store delete' \
        'undo' \
        'import' \
        'backup restore' \
        'vault repair' \
        'vault compact' \
        'vault move' \
        'init' \
        'daemon reload' \
        'daemon sync' \
        'daemon stop' \
        'service install' \
        'service uninstall' \
        'completion install'
        printf '%s\t%s\n' --reason 'Why, for the history' \
            -r 'Why, for the history' \
            --dry-run 'Show the result, change nothing' \
            -n 'Show the result, change nothing' \
            --yes 'Answer questions with yes' \
            -y 'Answer questions with yes'
    end
    printf '%s\t%s\n' --data-dir 'Folder of the vault' \
        --guild 'Guild to work on' \
        -g 'Guild to work on' \
        --store 'Store to work on, else \'default\'' \
        -s 'Store to work on, else \'default\'' \
        --output 'Output format' \
        -o 'Output format' \
        --json 'Same as -o json' \
        --fields 'Only these fields, in this order' \
        --no-header 'No header in csv, tsv and pipes' \
        --quiet 'No notes, no result of a change' \
        -q 'No notes, no result of a change' \
        --verbose 'Say more about it' \
        -v 'Say more about it' \
        --no-color 'No colours' \
        --config 'Configuration file' \
        --help 'Show this page' \
        -h 'Show this page'
end

# Prints the slots of its arguments.
function __robo_xp_arguments
    switch "$argv[1]"
        case 'rank'
            printf '%s\n' 'ask member'
        case 'xp give'
            printf '%s\n' 'ask member' \
                'any'
        case 'xp remove'
            printf '%s\n' 'ask member' \
                'any'
        case 'xp set'
            printf '%s\n' 'ask member'
        case 'xp recalc'
            printf '%s\n' 'ask member'
        case 'xp show'
            printf '%s\n' 'ask member'
        case 'xp delete'
            printf '%s\n' 'ask member'
        case 'xp apply'
            printf '%s\n' 'file'
        case 'xp why'
            printf '%s\n' 'ask member'
        case 'xp chart'
            printf '%s\n' 'ask member'
        case 'member hide'
            printf '%s\n' 'ask member'
        case 'member show'
            printf '%s\n' 'ask member'
        case 'member prune'
            printf '%s\n' 'ask member'
        case 'member export'
            printf '%s\n' 'ask member'
        case 'member erase'
            printf '%s\n' 'ask member'
        case 'card'
            printf '%s\n' 'ask member'
        case 'curve set'
            printf '%s\n' 'words quadratic threshold mee6 linear exponential lookup' \
                'any'
        case 'curve table'
            printf '%s\n' 'any'
        case 'curve plot'
            printf '%s\n' 'any'
        case 'curve compare'
            printf '%s\n' 'any'
        case 'config get'
            printf '%s\n' 'ask setting'
        case 'config explain'
            printf '%s\n' 'ask setting'
        case 'config set'
            printf '%s\n' 'ask setting' \
                'ask setting-value'
        case 'config unset'
            printf '%s\n' 'ask setting'
        case 'config import'
            printf '%s\n' 'file'
        case 'config diff'
            printf '%s\n' 'file'
        case 'config apply'
            printf '%s\n' 'file'
        case 'reward add'
            printf '%s\n' 'any' \
                'ask role'
        case 'reward remove'
            printf '%s\n' 'ask level'
        case 'reward mode'
            printf '%s\n' 'words stack replace'
        case 'reward on-loss'
            printf '%s\n' 'words on off'
        case 'multiplier server'
            printf '%s\n' 'any'
        case 'multiplier role'
            printf '%s\n' 'ask role' \
                'any'
        case 'multiplier channel'
            printf '%s\n' 'ask channel' \
                'any'
        case 'multiplier user'
            printf '%s\n' 'ask member' \
                'any'
        case 'multiplier remove-role'
            printf '%s\n' 'ask role'
        case 'multiplier remove-channel'
            printf '%s\n' 'ask channel'
        case 'multiplier remove-user'
            printf '%s\n' 'ask member'
        case 'boost add'
            printf '%s\n' 'any'
        case 'boost end'
            printf '%s\n' 'any'
        case 'period list'
            printf '%s\n' 'words day week month'
        case 'period show'
            printf '%s\n' 'words day week month'
        case 'no-xp add-role'
            printf '%s\n' 'ask role'
        case 'no-xp remove-role'
            printf '%s\n' 'ask role'
        case 'no-xp add-channel'
            printf '%s\n' 'ask channel'
        case 'no-xp remove-channel'
            printf '%s\n' 'ask channel'
        case 'giveaway info'
            printf '%s\n' 'ask giveaway'
        case 'giveaway start'
            printf '%s\n' 'any'
        case 'giveaway edit'
            printf '%s\n' 'ask giveaway'
        case 'giveaway enter'
            printf '%s\n' 'ask giveaway' \
                'ask member'
        case 'giveaway leave'
            printf '%s\n' 'ask giveaway' \
                'ask member'
        case 'giveaway entries'
            printf '%s\n' 'ask giveaway'
        case 'giveaway end'
            printf '%s\n' 'ask giveaway'
        case 'giveaway cancel'
            printf '%s\n' 'ask giveaway'
        case 'giveaway reroll'
            printf '%s\n' 'ask giveaway'
        case 'giveaway handed-over'
            printf '%s\n' 'ask giveaway' \
                'ask member'
        case 'giveaway beacon'
            printf '%s\n' 'ask giveaway' \
                'any'
        case 'giveaway verify'
            printf '%s\n' 'ask giveaway'
        case 'giveaway export'
            printf '%s\n' 'ask giveaway'
        case 'giveaway proof'
            printf '%s\n' 'ask giveaway' \
                'file'
        case 'giveaway import'
            printf '%s\n' 'file'
        case 'giveaway settings get'
            printf '%s\n' 'ask setting'
        case 'giveaway settings explain'
            printf '%s\n' 'ask setting'
        case 'giveaway settings set'
            printf '%s\n' 'ask setting' \
                'ask setting-value'
        case 'giveaway settings unset'
            printf '%s\n' 'ask setting'
        case 'giveaway settings import'
            printf '%s\n' 'file'
        case 'giveaway settings reset'
            printf '%s\n' 'ask setting'
        case 'giveaway template save'
            printf '%s\n' 'any'
        case 'giveaway template remove'
            printf '%s\n' 'any'
        case 'store stats'
            printf '%s\n' 'ask store'
        case 'store copy'
            printf '%s\n' 'ask store' \
                'any'
        case 'store rename'
            printf '%s\n' 'ask store' \
                'any'
        case 'store delete'
            printf '%s\n' 'ask store'
        case 'history'
            printf '%s\n' 'words show' \
                'any'
        case 'undo'
            printf '%s\n' 'any'
        case 'publish'
            printf '%s\n' 'folder'
        case 'import'
            printf '%s\n' 'words auto mee6 lumistra experienced polaris levelup red-leveler lurkr amari tatsu arcane discord-xp quickdb enmap keyv robojs tinydb json csv' \
                'file'
        case 'export'
            printf '%s\n' 'file'
        case 'backup create'
            printf '%s\n' 'file'
        case 'backup list'
            printf '%s\n' 'folder'
        case 'backup show'
            printf '%s\n' 'file'
        case 'backup restore'
            printf '%s\n' 'file'
        case 'vault check'
            printf '%s\n' 'ask namespace'
        case 'vault repair'
            printf '%s\n' 'ask namespace'
        case 'vault compact'
            printf '%s\n' 'ask namespace'
        case 'vault move'
            printf '%s\n' 'any' \
                'any'
        case 'service show'
            printf '%s\n' 'any'
        case 'completion show'
            printf '%s\n' 'words bash zsh fish'
        case 'completion install'
            printf '%s\n' 'words bash zsh fish'
    end
end

# Whether the last argument of a command may stand again.
function __robo_xp_repeats
    contains -- "$argv[1]" 'xp set' \
        'xp recalc' \
        'xp delete' \
        'member hide' \
        'member show' \
        'member prune' \
        'curve set' \
        'curve table' \
        'curve plot' \
        'curve compare' \
        'config set' \
        'giveaway enter' \
        'giveaway leave' \
        'giveaway import' \
        'giveaway settings set' \
        'import' \
        'vault check' \
        'vault repair' \
        'vault compact'
end

# Prints the slot for the value of an option ($argv[2]); fails if it has none.
function __robo_xp_value
    switch "$argv[1] $argv[2]"
        case '* --data-dir'
            echo 'folder'
        case '* -g' '* --guild'
            echo 'ask guild'
        case '* -s' '* --store'
            echo 'ask store'
        case '* -o' '* --output'
            echo 'words table json jsonl csv tsv ids'
        case '* --fields'
            echo 'any'
        case '* --config'
            echo 'file'
        case '* -r' '* --reason'
            echo 'any'
        case 'leaderboard --page'
            echo 'any'
        case 'leaderboard --limit'
            echo 'any'
        case 'leaderboard --offset'
            echo 'any'
        case 'leaderboard --around'
            echo 'ask member'
        case 'leaderboard --period'
            echo 'words day week month'
        case 'leaderboard --at'
            echo 'any'
        case 'leaderboard --since'
            echo 'any'
        case 'lb --page'
            echo 'any'
        case 'lb --limit'
            echo 'any'
        case 'lb --offset'
            echo 'any'
        case 'lb --around'
            echo 'ask member'
        case 'lb --period'
            echo 'words day week month'
        case 'lb --at'
            echo 'any'
        case 'lb --since'
            echo 'any'
        case 'top --interval'
            echo 'any'
        case 'top --window'
            echo 'any'
        case 'top --limit'
            echo 'any'
        case 'xp give --role'
            echo 'ask role'
        case 'xp remove --role'
            echo 'ask role'
        case 'xp set --level'
            echo 'any'
        case 'xp set --role'
            echo 'ask role'
        case 'xp list --min-xp'
            echo 'any'
        case 'xp list --max-xp'
            echo 'any'
        case 'xp list --min-level'
            echo 'any'
        case 'xp list --max-level'
            echo 'any'
        case 'xp list --name'
            echo 'any'
        case 'xp list --inactive'
            echo 'any'
        case 'xp list --sort'
            echo 'words xp messages last'
        case 'xp list --offset'
            echo 'any'
        case 'xp list --limit'
            echo 'any'
        case 'xp apply --op'
            echo 'words give remove set delete recalc'
        case 'xp apply --amount'
            echo 'any'
        case 'xp apply --once'
            echo 'any'
        case 'xp why --channel'
            echo 'ask channel'
        case 'xp why --role'
            echo 'ask role'
        case 'xp why --at'
            echo 'any'
        case 'xp chart --days'
            echo 'any'
        case 'xp chart --svg'
            echo 'file'
        case 'xp chart --png'
            echo 'file'
        case 'member prune --left'
            echo 'any'
        case 'member prune --inactive'
            echo 'any'
        case 'member prune --below'
            echo 'any'
        case 'card --output'
            echo 'file'
        case 'card --avatar'
            echo 'file'
        case 'card --template'
            echo 'file'
        case 'curve set --max-level'
            echo 'any'
        case 'curve table --from'
            echo 'any'
        case 'curve table --to'
            echo 'any'
        case 'curve plot --to'
            echo 'any'
        case 'curve plot --svg'
            echo 'file'
        case 'curve plot --png'
            echo 'file'
        case 'curve compare --svg'
            echo 'file'
        case 'curve compare --png'
            echo 'file'
        case 'config export --format'
            echo 'words json toml'
        case 'config export --into'
            echo 'file'
        case 'boost add --name'
            echo 'any'
        case 'boost add --from'
            echo 'any'
        case 'boost add --until'
            echo 'any'
        case 'boost add --for'
            echo 'any'
        case 'boost add --weekly'
            echo 'any'
        case 'boost add --tz'
            echo 'any'
        case 'boost add --channel'
            echo 'ask channel'
        case 'boost add --role'
            echo 'ask role'
        case 'boost preview --days'
            echo 'any'
        case 'period show --at'
            echo 'any'
        case 'giveaway start --channel'
            echo 'ask channel'
        case 'giveaway start --host'
            echo 'any'
        case 'giveaway start --template'
            echo 'any'
        case 'giveaway start --at'
            echo 'any'
        case 'giveaway start --every'
            echo 'any'
        case 'giveaway start --times'
            echo 'any'
        case 'giveaway start --until'
            echo 'any'
        case 'giveaway start --tz'
            echo 'any'
        case 'giveaway start --duration'
            echo 'any'
        case 'giveaway start --winners'
            echo 'any'
        case 'giveaway start --allow-role'
            echo 'ask role'
        case 'giveaway start --deny-role'
            echo 'ask role'
        case 'giveaway start --min-account-age'
            echo 'any'
        case 'giveaway start --bonus'
            echo 'any'
        case 'giveaway start --bonus-mode'
            echo 'words max sum'
        case 'giveaway start --require'
            echo 'any'
        case 'giveaway start --bypass'
            echo 'ask role'
        case 'giveaway start --claim'
            echo 'any'
        case 'giveaway start --claim-rounds'
            echo 'any'
        case 'giveaway start --last-chance'
            echo 'any'
        case 'giveaway start --ping-role'
            echo 'ask role'
        case 'giveaway start --image'
            echo 'any'
        case 'giveaway start --colour'
            echo 'any'
        case 'giveaway start --beacon'
            echo 'words none drand'
        case 'giveaway edit --prize'
            echo 'any'
        case 'giveaway edit --ends'
            echo 'any'
        case 'giveaway edit --winners'
            echo 'any'
        case 'giveaway edit --at'
            echo 'any'
        case 'giveaway enter --role'
            echo 'ask role'
        case 'giveaway reroll --count'
            echo 'any'
        case 'giveaway verify --commitment'
            echo 'any'
        case 'giveaway verify --entries'
            echo 'any'
        case 'giveaway verify --digest'
            echo 'any'
        case 'giveaway verify --root'
            echo 'any'
        case 'giveaway verify --receipt'
            echo 'any'
        case 'giveaway import --from-guild'
            echo 'any'
        case 'giveaway settings export --format'
            echo 'words json toml'
        case 'giveaway template save --prize'
            echo 'any'
        case 'giveaway template save --channel'
            echo 'ask channel'
        case 'giveaway template save --duration'
            echo 'any'
        case 'giveaway template save --winners'
            echo 'any'
        case 'giveaway template save --allow-role'
            echo 'ask role'
        case 'giveaway template save --deny-role'
            echo 'ask role'
        case 'giveaway template save --min-account-age'
            echo 'any'
        case 'giveaway template save --bonus'
            echo 'any'
        case 'giveaway template save --bonus-mode'
            echo 'words max sum'
        case 'giveaway template save --require'
            echo 'any'
        case 'giveaway template save --bypass'
            echo 'ask role'
        case 'giveaway template save --claim'
            echo 'any'
        case 'giveaway template save --claim-rounds'
            echo 'any'
        case 'giveaway template save --last-chance'
            echo 'any'
        case 'giveaway template save --ping-role'
            echo 'ask role'
        case 'giveaway template save --image'
            echo 'any'
        case 'giveaway template save --colour'
            echo 'any'
        case 'giveaway template save --beacon'
            echo 'words none drand'
        case 'store stats --svg'
            echo 'file'
        case 'store stats --png'
            echo 'file'
        case 'history --limit'
            echo 'any'
        case 'history --user'
            echo 'ask member'
        case 'history --since'
            echo 'any'
        case 'history --until'
            echo 'any'
        case 'history --by'
            echo 'any'
        case 'history --cmd'
            echo 'any'
        case 'events --type'
            echo 'any'
        case 'events --user'
            echo 'ask member'
        case 'events --since'
            echo 'any'
        case 'events --limit'
            echo 'any'
        case 'import --merge'
            echo 'words add max replace'
        case 'import --keep'
            echo 'words xp level'
        case 'import --with'
            echo 'any'
        case 'import --curve'
            echo 'any'
        case 'import --from-guild'
            echo 'any'
        case 'import --key'
            echo 'any'
        case 'import --table'
            echo 'any'
        case 'import --stores'
            echo 'any'
        case 'export --format'
            echo 'words json csv'
        case 'backup create --keep'
            echo 'any'
        case 'backup restore --at'
            echo 'any'
        case 'vault compact --archive-days'
            echo 'any'
        case 'init --group'
            echo 'any'
        case 'init --token-file'
            echo 'file'
        case 'daemon reload --shards'
            echo 'any'
        case 'daemon invite --application'
            echo 'any'
        case 'daemon stop --timeout'
            echo 'any'
        case 'daemon stop --shards'
            echo 'any'
        case 'service install --root'
            echo 'folder'
        case 'service install --program'
            echo 'file'
        case 'service uninstall --root'
            echo 'folder'
        case 'service show --root'
            echo 'folder'
        case 'demo --keep'
            echo 'any'
        case '*'
            return 1
    end
end

# Prints what stands at the cursor: the slot, the command before it, what leads the value.
function __robo_xp_here
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l at ''
    set -l plain no
    set -l position 1
    set -e words[1]
    while set -q words[1]
        set -l word "$words[1]"
        set -e words[1]
        if test $plain = no; and test "$word" = --
            set plain yes
        else if test $plain = no; and string match -qr -- '^-.' "$word"
            if not string match -q -- '*=*' "$word"; and __robo_xp_value "$at" "$word" >/dev/null
                if not set -q words[1]
                    __robo_xp_value "$at" "$word"
                    printf '%s\n' "$at" ''
                    return
                end
                set -e words[1]
            end
        else if contains -- "$word" (__robo_xp_commands "$at" | string replace -r -- '\t.*' '')
            set at (string trim -- "$at $word")
        else
            set position (math $position + 1)
        end
    end
    set -l slot
    set -l lead ''
    set -l slots (__robo_xp_arguments "$at")
    if test $plain = no; and string match -qr -- '^--.*=' "$current"
        set lead (string replace -r -- '=.*' '=' "$current")
        set slot (__robo_xp_value "$at" (string trim -r -c = -- "$lead"))
    else if test $plain = no; and string match -q -- '-*' "$current"
        set slot options
    else if __robo_xp_commands "$at" | read -l first
        set slot commands
    else if set -q slots[$position]
        set slot $slots[$position]
    else if __robo_xp_repeats "$at"
        set slot $slots[-1]
    end
    printf '%s\n' "$slot" "$at" "$lead"
end

# Prints the candidates, each with a description. Only plain words get onto the command line.
function __robo_xp_offer
    set -l here (__robo_xp_here)
    set -l lead "$here[3]"
    set -l slot (string split ' ' -- "$here[1]")
    switch "$slot[1]"
        case commands
            __robo_xp_commands "$here[2]"
        case options
            __robo_xp_options "$here[2]"
        case words
            printf '%s\n' $lead$slot[2..-1]
        case ask
            set -l typed (string sub -s (math 1 + (string length -- "$lead")) -- (commandline -ct))
            set -l words (commandline -opc)
            set -e words[1]
            command robo-xp __complete $slot[2] "$typed" -- $words 2>/dev/null </dev/null \
                | string match -r -- '^@?[A-Za-z0-9_.][A-Za-z0-9_./-]*(?:\t.*)?$' \
                | string replace -r -- '^' "$lead"
    end
end

function __robo_xp_wants_file
    set -l here (__robo_xp_here)
    string match -qr -- '^(file|folder)$' "$here[1]"
end

complete -c robo-xp -f
complete -c robo-xp -n __robo_xp_wants_file -F
complete -c robo-xp -k -a '(__robo_xp_offer)'
