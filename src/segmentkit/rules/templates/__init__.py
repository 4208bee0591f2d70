"""Ready-made conditions: templates, behaviours and banded families."""

from segmentkit.rules.templates.bands import Bands, bands
from segmentkit.rules.templates.behaviours import (
    added_staff,
    added_to_cart,
    has_assisted_order,
    has_opportunity,
    joined_campaign,
    joined_chat,
    purchased,
    sent_message,
    viewed_material,
    viewed_product,
)
from segmentkit.rules.templates.catalogue import BEHAVIOURS, TEMPLATES
from segmentkit.rules.templates.forms import (
    FAMILIES,
    Choice,
    Family,
    Template,
    TemplateField,
)
from segmentkit.rules.templates.quantities import (
    Bounds,
    Quantity,
    at_least,
    at_most,
    below,
    between,
)
from segmentkit.rules.templates.ready import (
    browsing_frequency,
    customer_intent,
    customer_value,
    follow_up_priority,
    material_preference,
    purchase_frequency,
    purchase_preference,
    referral_ability,
)

__all__ = [
    "BEHAVIOURS",
    "FAMILIES",
    "TEMPLATES",
    "Bands",
    "Bounds",
    "Choice",
    "Family",
    "Quantity",
    "Template",
    "TemplateField",
    "added_staff",
    "added_to_cart",
    "at_least",
    "at_most",
    "bands",
    "below",
    "between",
    "browsing_frequency",
    "customer_intent",
    "customer_value",
    "follow_up_priority",
    "has_assisted_order",
    "has_opportunity",
    "joined_campaign",
    "joined_chat",
    "material_preference",
    "purchase_frequency",
    "purchase_preference",
    "purchased",
    "referral_ability",
    "sent_message",
    "viewed_material",
    "viewed_product",
]
