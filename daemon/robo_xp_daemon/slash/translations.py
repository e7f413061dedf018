"""Names and descriptions of the slash commands in other languages than English.

One row a name and one a description: German, French, Spanish, Portuguese. Discord shows members
the commands in the language that they chose for it.
"""

from __future__ import annotations

from typing import Final

from discord import Locale
from discord.app_commands import TranslationContextLocation as Place
from discord.app_commands import TranslationContextTypes, Translator, locale_str

_COLUMNS: Final = {
    Locale.german: 0,
    Locale.french: 1,
    Locale.spain_spanish: 2,
    Locale.latin_american_spanish: 2,
    Locale.brazil_portuguese: 3,
}
_NAMES: Final = (Place.command_name, Place.group_name)
_DESCRIPTIONS: Final = (Place.command_description, Place.group_description)

NAMES: Final = {
    "rank": ("rang", "rang", "rango", "posição"),
    "leaderboard": ("rangliste", "classement", "clasificación", "classificação"),
    "privacy": ("privatsphäre", "confidentialité", "privacidad", "privacidade"),
    "boost": ("boost", "boost", "impulso", "impulso"),
    "add": ("hinzufügen", "ajouter", "añadir", "adicionar"),
    "preview": ("vorschau", "aperçu", "previsión", "prévia"),
    "period": ("zeitraum", "période", "periodo", "período"),
    "close": ("abschließen", "clore", "cerrar", "fechar"),
    "member": ("mitglied", "membre", "miembro", "membro"),
    "hide": ("verbergen", "cacher", "ocultar", "ocultar"),
    "show": ("zeigen", "montrer", "mostrar", "mostrar"),
    "export": ("auskunft", "exporter", "exportar", "exportar"),
    "erase": ("löschen", "effacer", "borrar", "apagar"),
    "prune": ("aufräumen", "élaguer", "depurar", "limpar"),
    "decay": ("verfall", "érosion", "desgaste", "desgaste"),
    "xp": ("xp", "xp", "xp", "xp"),
    "give": ("geben", "donner", "dar", "dar"),
    "remove": ("nehmen", "retirer", "quitar", "tirar"),
    "set": ("setzen", "définir", "fijar", "definir"),
    "recalc": ("nachrechnen", "recalculer", "recalcular", "recalcular"),
    "rewards": ("belohnungen", "récompenses", "recompensas", "recompensas"),
    "config": ("einstellungen", "configuration", "configuración", "configuração"),
    "multiplier": ("multiplikator", "multiplicateur", "multiplicador", "multiplicador"),
    "server": ("server", "serveur", "servidor", "servidor"),
    "role": ("rolle", "rôle", "rol", "cargo"),
    "channel": ("kanal", "salon", "canal", "canal"),
    "user": ("mitglied", "membre", "miembro", "membro"),
    "remove-role": ("rolle-löschen", "oublier-rôle", "quitar-rol", "remover-cargo"),
    "remove-channel": ("kanal-löschen", "oublier-salon", "quitar-canal", "remover-canal"),
    "remove-user": ("mitglied-löschen", "oublier-membre", "quitar-miembro", "remover-membro"),
    "list": ("liste", "liste", "lista", "lista"),
    "giveaway": ("verlosung", "concours", "sorteo", "sorteio"),
    "start": ("starten", "lancer", "iniciar", "iniciar"),
    "end": ("beenden", "terminer", "terminar", "encerrar"),
    "cancel": ("absagen", "annuler", "cancelar", "cancelar"),
    "reroll": ("nachziehen", "retirage", "resortear", "ressortear"),
    "info": ("info", "info", "info", "info"),
    "proof": ("nachweis", "preuve", "prueba", "prova"),
    "edit": ("ändern", "modifier", "editar", "editar"),
    "handed-over": ("übergeben", "remis", "entregado", "entregue"),
    "entries": ("teilnahmen", "participations", "participaciones", "participações"),
    "settings": ("vorgaben", "réglages", "ajustes", "ajustes"),
    "get": ("zeigen", "afficher", "ver", "ver"),
    "reset": ("zurücksetzen", "réinitialiser", "restablecer", "redefinir"),
}

DESCRIPTIONS: Final = {
    "Your level and rank, or those of another member": (
        "Dein Level und Rang, oder die eines anderen Mitglieds",
        "Ton niveau et ton rang, ou ceux d'un autre membre",
        "Tu nivel y tu rango, o los de otro miembro",
        "Seu nível e sua posição, ou os de outro membro",
    ),
    "The members of this server by XP": (
        "Die Mitglieder dieses Servers nach XP",
        "Les membres de ce serveur par XP",
        "Los miembros de este servidor por XP",
        "Os membros deste servidor por XP",
    ),
    "Multipliers for a time": (
        "Multiplikatoren auf Zeit",
        "Des multiplicateurs pour un temps",
        "Multiplicadores por un tiempo",
        "Multiplicadores por um tempo",
    ),
    "The boosts that run or are planned": (
        "Die Boosts, die laufen oder geplant sind",
        "Les boosts en cours ou prévus",
        "Los impulsos en curso o previstos",
        "Os impulsos em curso ou previstos",
    ),
    "Multiply the XP of messages for a time": (
        "Die XP für Nachrichten eine Zeit lang vervielfachen",
        "Multiplier l'XP des messages pour un temps",
        "Multiplicar la XP de los mensajes por un tiempo",
        "Multiplicar o XP das mensagens por um tempo",
    ),
    "End a boost now, or forget one that is planned": (
        "Einen Boost beenden, oder einen geplanten streichen",
        "Terminer un boost, ou oublier un boost prévu",
        "Terminar un impulso, u olvidar uno previsto",
        "Encerrar um impulso, ou esquecer um previsto",
    ),
    "When boosts run, and what they come to together": (
        "Wann Boosts laufen, und was sie zusammen ergeben",
        "Quand les boosts ont lieu, et ce qu'ils donnent ensemble",
        "Cuándo hay impulsos, y cuánto suman juntos",
        "Quando há impulsos, e quanto dão juntos",
    ),
    "Boards of days, weeks and months": (
        "Ranglisten von Tagen, Wochen und Monaten",
        "Classements de jours, semaines et mois",
        "Clasificaciones de días, semanas y meses",
        "Classificações de dias, semanas e meses",
    ),
    "The days, weeks and months that run or are closed": (
        "Die Tage, Wochen und Monate, die laufen oder abgeschlossen sind",
        "Les jours, semaines et mois en cours ou clos",
        "Los días, semanas y meses en curso o cerrados",
        "Os dias, semanas e meses em curso ou fechados",
    ),
    "One day, week or month and its first members": (
        "Ein Tag, eine Woche oder ein Monat mit den Ersten",
        "Un jour, une semaine ou un mois et ses premiers membres",
        "Un día, una semana o un mes y sus primeros miembros",
        "Um dia, uma semana ou um mês e seus primeiros membros",
    ),
    "Close the periods that are over, and give their prizes": (
        "Vergangene Zeiträume abschließen und ihre Preise vergeben",
        "Clore les périodes passées, et donner leurs prix",
        "Cerrar los periodos pasados y dar sus premios",
        "Fechar os períodos passados e dar seus prêmios",
    ),
    "Members as persons": (
        "Mitglieder als Personen",
        "Les membres comme personnes",
        "Los miembros como personas",
        "Os membros como pessoas",
    ),
    "Take a member off boards and pages": (
        "Ein Mitglied von Ranglisten und Seiten nehmen",
        "Retirer un membre des classements et des pages",
        "Quitar a un miembro de clasificaciones y páginas",
        "Tirar um membro das classificações e páginas",
    ),
    "Let a hidden member stand on boards again": (
        "Ein verborgenes Mitglied wieder auf Ranglisten zeigen",
        "Montrer de nouveau un membre caché aux classements",
        "Mostrar de nuevo a un miembro oculto",
        "Mostrar de novo um membro oculto",
    ),
    "Everything that is kept about a member, as a file": (
        "Alles, was über ein Mitglied gespeichert ist, als Datei",
        "Tout ce qui est conservé sur un membre, en fichier",
        "Todo lo que se guarda de un miembro, en un archivo",
        "Tudo o que se guarda sobre um membro, em um arquivo",
    ),
    "Erase a member from everything, for good": (
        "Ein Mitglied überall löschen, endgültig",
        "Effacer un membre de partout, pour de bon",
        "Borrar a un miembro de todo, para siempre",
        "Apagar um membro de tudo, de vez",
    ),
    "Delete records of who left, is quiet or has little": (
        "Löschen, wer gegangen ist, schweigt oder wenig hat",
        "Supprimer qui est parti, se tait ou a peu",
        "Eliminar a quien se fue, calla o tiene poco",
        "Excluir quem saiu, está quieto ou tem pouco",
    ),
    "Take what a day takes from who is away": (
        "Nehmen, was ein Tag denen nimmt, die weg sind",
        "Prendre ce qu'un jour prend aux absents",
        "Quitar lo que un día quita a los ausentes",
        "Tirar o que um dia tira dos ausentes",
    ),
    "Stand on the leaderboard, or not": (
        "Auf der Rangliste stehen, oder nicht",
        "Figurer au classement, ou pas",
        "Aparecer en la clasificación, o no",
        "Aparecer na classificação, ou não",
    ),
    "XP of members, and the settings": (
        "XP der Mitglieder, und die Einstellungen",
        "L'XP des membres, et les réglages",
        "La XP de los miembros, y los ajustes",
        "O XP dos membros, e os ajustes",
    ),
    "Give XP to a member": (
        "Einem Mitglied XP geben",
        "Donner de l'XP à un membre",
        "Dar XP a un miembro",
        "Dar XP a um membro",
    ),
    "Take XP from a member": (
        "Einem Mitglied XP nehmen",
        "Retirer de l'XP à un membre",
        "Quitar XP a un miembro",
        "Tirar XP de um membro",
    ),
    "Make a member's XP exactly this much": (
        "Die XP eines Mitglieds auf genau diesen Wert setzen",
        "Fixer l'XP d'un membre à cette valeur exacte",
        "Fijar la XP de un miembro en este valor exacto",
        "Definir o XP de um membro com este valor exato",
    ),
    "Put a member's level and roles right": (
        "Level und Rollen eines Mitglieds richtigstellen",
        "Remettre en ordre le niveau et les rôles d'un membre",
        "Corregir el nivel y los roles de un miembro",
        "Corrigir o nível e os cargos de um membro",
    ),
    "The roles that levels earn": (
        "Die Rollen, die es für Level gibt",
        "Les rôles que donnent les niveaux",
        "Los roles que dan los niveles",
        "Os cargos que os níveis dão",
    ),
    "Change the settings of this server": (
        "Die Einstellungen dieses Servers ändern",
        "Modifier les réglages de ce serveur",
        "Cambiar los ajustes de este servidor",
        "Mudar os ajustes deste servidor",
    ),
    "What multiplies the XP that messages earn": (
        "Was die XP für Nachrichten vervielfacht",
        "Ce qui multiplie l'XP des messages",
        "Lo que multiplica la XP de los mensajes",
        "O que multiplica o XP das mensagens",
    ),
    "Multiply the XP of everybody": (
        "Die XP von allen vervielfachen",
        "Multiplier l'XP de tous",
        "Multiplicar la XP de todos",
        "Multiplicar o XP de todos",
    ),
    "Multiply the XP of members with a role": (
        "Die XP von Mitgliedern mit einer Rolle vervielfachen",
        "Multiplier l'XP des membres qui ont un rôle",
        "Multiplicar la XP de los miembros con un rol",
        "Multiplicar o XP dos membros com um cargo",
    ),
    "Multiply the XP of messages in a channel": (
        "Die XP für Nachrichten in einem Kanal vervielfachen",
        "Multiplier l'XP des messages d'un salon",
        "Multiplicar la XP de los mensajes de un canal",
        "Multiplicar o XP das mensagens de um canal",
    ),
    "Multiply the XP of one member": (
        "Die XP eines Mitglieds vervielfachen",
        "Multiplier l'XP d'un membre",
        "Multiplicar la XP de un miembro",
        "Multiplicar o XP de um membro",
    ),
    "Forget the multiplier of a role": (
        "Den Multiplikator einer Rolle löschen",
        "Oublier le multiplicateur d'un rôle",
        "Olvidar el multiplicador de un rol",
        "Esquecer o multiplicador de um cargo",
    ),
    "Forget the multiplier of a channel": (
        "Den Multiplikator eines Kanals löschen",
        "Oublier le multiplicateur d'un salon",
        "Olvidar el multiplicador de un canal",
        "Esquecer o multiplicador de um canal",
    ),
    "Forget the multiplier of a member": (
        "Den Multiplikator eines Mitglieds löschen",
        "Oublier le multiplicateur d'un membre",
        "Olvidar el multiplicador de un miembro",
        "Esquecer o multiplicador de um membro",
    ),
    "The multipliers that are set": (
        "Die gesetzten Multiplikatoren",
        "Les multiplicateurs définis",
        "Los multiplicadores fijados",
        "Os multiplicadores definidos",
    ),
    "Giveaways with draws that can be checked": (
        "Verlosungen, deren Ziehung sich nachprüfen lässt",
        "Des concours dont le tirage se vérifie",
        "Sorteos que se pueden comprobar",
        "Sorteios que podem ser conferidos",
    ),
    "Start a giveaway": (
        "Eine Verlosung starten",
        "Lancer un concours",
        "Iniciar un sorteo",
        "Iniciar um sorteio",
    ),
    "End a giveaway now, and draw its winners": (
        "Eine Verlosung jetzt beenden und die Gewinner ziehen",
        "Terminer un concours et tirer ses gagnants",
        "Terminar un sorteo ahora y sacar a los ganadores",
        "Encerrar um sorteio agora e sortear os ganhadores",
    ),
    "End a giveaway for good, without winners": (
        "Eine Verlosung endgültig beenden, ohne Gewinner",
        "Terminer un concours pour de bon, sans gagnants",
        "Terminar un sorteo del todo, sin ganadores",
        "Encerrar um sorteio de vez, sem ganhadores",
    ),
    "Draw more winners of a giveaway that has ended": (
        "Weitere Gewinner einer beendeten Verlosung ziehen",
        "Tirer d'autres gagnants d'un concours terminé",
        "Sacar más ganadores de un sorteo terminado",
        "Sortear mais ganhadores de um sorteio encerrado",
    ),
    "The giveaways of this server": (
        "Die Verlosungen dieses Servers",
        "Les concours de ce serveur",
        "Los sorteos de este servidor",
        "Os sorteios deste servidor",
    ),
    "Everything about a giveaway": (
        "Alles über eine Verlosung",
        "Tout sur un concours",
        "Todo sobre un sorteo",
        "Tudo sobre um sorteio",
    ),
    "Change the prize, the end or the number of winners": (
        "Preis, Ende oder Zahl der Gewinner ändern",
        "Modifier le lot, la fin ou le nombre de gagnants",
        "Cambiar el premio, el final o el número de ganadores",
        "Mudar o prêmio, o fim ou o número de ganhadores",
    ),
    "Note that a winner has got the prize": (
        "Vermerken, dass jemand den Preis bekommen hat",
        "Noter qu'un gagnant a reçu le lot",
        "Anotar que alguien recibió el premio",
        "Anotar que alguém recebeu o prêmio",
    ),
    "Check the draw of a giveaway yourself": (
        "Die Ziehung einer Verlosung selbst nachprüfen",
        "Vérifier soi-même le tirage d’un concours",
        "Comprobar uno mismo el sorteo",
        "Conferir você mesmo o sorteio",
    ),
    "Who has entered a giveaway": (
        "Wer an einer Verlosung teilnimmt",
        "Qui participe à un concours",
        "Quién participa en un sorteo",
        "Quem participa de um sorteio",
    ),
    "What new giveaways start with": (
        "Womit neue Verlosungen beginnen",
        "Ce avec quoi commencent les nouveaux concours",
        "Con qué empiezan los nuevos sorteos",
        "Com o que começam os novos sorteios",
    ),
    "Change what new giveaways start with": (
        "Ändern, womit neue Verlosungen beginnen",
        "Modifier ce avec quoi commencent les nouveaux concours",
        "Cambiar con qué empiezan los nuevos sorteos",
        "Mudar com o que começam os novos sorteios",
    ),
    "Go back to the default, of one setting or of all": (
        "Eine Vorgabe oder alle zurücksetzen",
        "Rétablir un réglage, ou tous",
        "Restablecer un ajuste, o todos",
        "Redefinir um ajuste, ou todos",
    ),
}


class Translations(Translator):
    """Looks the names and descriptions of commands up; what options say stays English."""

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        """The words in that language; None where there are none."""
        column = _COLUMNS.get(locale)
        if column is None:
            return None
        rows = NAMES if context.location in _NAMES else DESCRIPTIONS
        if context.location not in (*_NAMES, *_DESCRIPTIONS):
            return None
        row = rows.get(string.message)
        return None if row is None else row[column]
