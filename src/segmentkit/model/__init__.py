"""What is true, and who may change it: contacts, groups, tags, people, and every change to them."""

from segmentkit.model.access import (
    SYSTEM,
    CollaborationTeam,
    Organisation,
    Role,
    Staff,
    Viewer,
    sees,
)
from segmentkit.model.assignment import (
    SOURCES,
    Hold,
    Pin,
    PinDirection,
    PinKind,
    Source,
    standing_holds,
)
from segmentkit.model.campaign import (
    AudienceMember,
    Campaign,
    CampaignKind,
)
from segmentkit.model.catalog import (
    Room,
    TagCatalog,
)
from segmentkit.model.change import (
    Change,
    ChangeAction,
    ChangeSet,
    ContactRow,
    Entity,
    Thing,
)
from segmentkit.model.change_log import (
    erased_contacts,
    scrubbed,
)
from segmentkit.model.chat import (
    ChatMember,
    ContactList,
    GroupChat,
    ListEntry,
    StaffLink,
)
from segmentkit.model.codec_places import (
    Json,
)
from segmentkit.model.codec_values import (
    field_value_from_json,
    field_value_to_json,
)
from segmentkit.model.collections import (
    ASSISTED_ORDER,
    FOLLOW_UP,
    OPPORTUNITY,
    follow_up_fields,
)
from segmentkit.model.contact import (
    Contact,
)
from segmentkit.model.documents import (
    Documents,
)
from segmentkit.model.event import (
    Event,
)
from segmentkit.model.follow_up import (
    Channel,
    FollowUp,
)
from segmentkit.model.frozen_map import (
    FrozenMap,
)
from segmentkit.model.group import (
    ContactGroup,
    GroupType,
    Membership,
    standing_memberships,
)
from segmentkit.model.group_tree import (
    GroupTree,
)
from segmentkit.model.operations.automatic_groups import (
    Filling,
    LeftOut,
    fill_groups,
)
from segmentkit.model.operations.batch import (
    BatchEdit,
    BatchPlan,
    BatchRefusal,
    contacts_in_chats,
    find_chats,
    plan_batch,
)
from segmentkit.model.operations.campaigning import (
    Delivery,
    deliveries,
    start_campaign,
)
from segmentkit.model.operations.catalog_operations import (
    UNCHANGED,
    ArchiveTag,
    CatalogOperation,
    CreateTag,
    CreateTagGroup,
    DeleteTag,
    DeleteTagGroup,
    EditTag,
    EditTagGroup,
    MergeTags,
    MoveTag,
    NewTag,
    PlaceTag,
    PlaceTagGroup,
    RestoreTag,
    Unchanged,
)
from segmentkit.model.operations.catalog_plan import (
    CatalogPlan,
    Refusal,
    edit_catalog,
    plan_catalog,
)
from segmentkit.model.operations.contact_edit import (
    add_contact,
    edit_contact,
    follow,
    unfollow,
)
from segmentkit.model.operations.erase import (
    erase_contact,
)
from segmentkit.model.operations.following_up import (
    delete_follow_up,
    edit_follow_up,
    record_follow_up,
)
from segmentkit.model.operations.form import (
    Form,
    submit_form,
)
from segmentkit.model.operations.group_edit import (
    create_group,
    delete_group,
    edit_group,
)
from segmentkit.model.operations.grouping import (
    add_to_groups,
    move_contact,
    remove_from_groups,
)
from segmentkit.model.operations.intake import (
    BadRowsError,
    Intake,
    IntakePlan,
    RowOutcome,
    RowProblem,
)
from segmentkit.model.operations.intake_cells import (
    CellReading,
    read_cell,
)
from segmentkit.model.operations.intake_columns import (
    ColumnSuggestion,
    IntakeTarget,
    suggest_columns,
)
from segmentkit.model.operations.intake_reader import (
    plan_intake,
)
from segmentkit.model.operations.matching import (
    find_duplicates,
)
from segmentkit.model.operations.merge import (
    merge_contacts,
)
from segmentkit.model.operations.tagging import (
    assign_tags,
    pin,
    remove_tags,
    replace_tag,
    unpin,
)
from segmentkit.model.operations.things import (
    Fact,
    drop_facts,
    put_facts,
)
from segmentkit.model.operations.undo import (
    Conflict,
    Undo,
    undo,
)
from segmentkit.model.permission import (
    Action,
    may,
    require,
)
from segmentkit.model.quota import (
    SEED,
    UNLIMITED,
    WECOM,
    Quota,
)
from segmentkit.model.record import (
    Record,
)
from segmentkit.model.schema import (
    MEMBERSHIPS,
    NUMERIC_TYPES,
    PRIVATE_COLLECTIONS,
    Collection,
    Field,
    FieldType,
    Schema,
)
from segmentkit.model.settings import (
    Settings,
)
from segmentkit.model.standard import (
    standard_schema,
)
from segmentkit.model.state import (
    State,
)
from segmentkit.model.stored import (
    ContactBook,
    Storable,
    from_json,
    load_state,
    save_state,
    to_json,
)
from segmentkit.model.tag import (
    Origin,
    Tag,
    TagClass,
    TagGroup,
    TagKind,
)
from segmentkit.model.tasks import (
    Task,
    TaskKind,
    tasks_due,
)
from segmentkit.model.terms import (
    Term,
)
from segmentkit.model.time import (
    EPOCH,
    FIRST_INSTANT,
    LAST_INSTANT,
    as_instant,
    as_zone,
    day_start,
    from_microseconds,
    local_date,
    local_instant,
    local_time,
    shift_days,
    shift_months,
    to_microseconds,
)
from segmentkit.model.traces import (
    Erasure,
    MergedContact,
    Tombstone,
    TombstoneKind,
)
from segmentkit.model.values import (
    FieldValue,
    read_fields,
    read_value,
)
from segmentkit.model.view import (
    DefaultList,
    DetailRow,
    GroupCount,
    View,
)

__all__ = [
    "ASSISTED_ORDER",
    "EPOCH",
    "FIRST_INSTANT",
    "FOLLOW_UP",
    "LAST_INSTANT",
    "MEMBERSHIPS",
    "NUMERIC_TYPES",
    "OPPORTUNITY",
    "PRIVATE_COLLECTIONS",
    "SEED",
    "SOURCES",
    "SYSTEM",
    "UNCHANGED",
    "UNLIMITED",
    "WECOM",
    "Action",
    "ArchiveTag",
    "AudienceMember",
    "BadRowsError",
    "BatchEdit",
    "BatchPlan",
    "BatchRefusal",
    "Campaign",
    "CampaignKind",
    "CatalogOperation",
    "CatalogPlan",
    "CellReading",
    "Change",
    "ChangeAction",
    "ChangeSet",
    "Channel",
    "ChatMember",
    "CollaborationTeam",
    "Collection",
    "ColumnSuggestion",
    "Conflict",
    "Contact",
    "ContactBook",
    "ContactGroup",
    "ContactList",
    "ContactRow",
    "CreateTag",
    "CreateTagGroup",
    "DefaultList",
    "DeleteTag",
    "DeleteTagGroup",
    "Delivery",
    "DetailRow",
    "Documents",
    "EditTag",
    "EditTagGroup",
    "Entity",
    "Erasure",
    "Event",
    "Fact",
    "Field",
    "FieldType",
    "FieldValue",
    "Filling",
    "FollowUp",
    "Form",
    "FrozenMap",
    "GroupChat",
    "GroupCount",
    "GroupTree",
    "GroupType",
    "Hold",
    "Intake",
    "IntakePlan",
    "IntakeTarget",
    "Json",
    "LeftOut",
    "ListEntry",
    "Membership",
    "MergeTags",
    "MergedContact",
    "MoveTag",
    "NewTag",
    "Organisation",
    "Origin",
    "Pin",
    "PinDirection",
    "PinKind",
    "PlaceTag",
    "PlaceTagGroup",
    "Quota",
    "Record",
    "Refusal",
    "RestoreTag",
    "Role",
    "Room",
    "RowOutcome",
    "RowProblem",
    "Schema",
    "Settings",
    "Source",
    "Staff",
    "StaffLink",
    "State",
    "Storable",
    "Tag",
    "TagCatalog",
    "TagClass",
    "TagGroup",
    "TagKind",
    "Task",
    "TaskKind",
    "Term",
    "Thing",
    "Tombstone",
    "TombstoneKind",
    "Unchanged",
    "Undo",
    "View",
    "Viewer",
    "add_contact",
    "add_to_groups",
    "as_instant",
    "as_zone",
    "assign_tags",
    "contacts_in_chats",
    "create_group",
    "day_start",
    "delete_follow_up",
    "delete_group",
    "deliveries",
    "drop_facts",
    "edit_catalog",
    "edit_contact",
    "edit_follow_up",
    "edit_group",
    "erase_contact",
    "erased_contacts",
    "field_value_from_json",
    "field_value_to_json",
    "fill_groups",
    "find_chats",
    "find_duplicates",
    "follow",
    "follow_up_fields",
    "from_json",
    "from_microseconds",
    "load_state",
    "local_date",
    "local_instant",
    "local_time",
    "may",
    "merge_contacts",
    "move_contact",
    "pin",
    "plan_batch",
    "plan_catalog",
    "plan_intake",
    "put_facts",
    "read_cell",
    "read_fields",
    "read_value",
    "record_follow_up",
    "remove_from_groups",
    "remove_tags",
    "replace_tag",
    "require",
    "save_state",
    "scrubbed",
    "sees",
    "shift_days",
    "shift_months",
    "standard_schema",
    "standing_holds",
    "standing_memberships",
    "start_campaign",
    "submit_form",
    "suggest_columns",
    "tasks_due",
    "to_json",
    "to_microseconds",
    "undo",
    "unfollow",
    "unpin",
]
