"""What the firmware of a guest is offered: files of fw_cfg, ACPI tables, SMBIOS structures."""
