import React, {useState} from 'react';
import {createRoot} from 'react-dom/client';
import {Alert, Box, Button, Checkbox, FormControl, FormControlLabel, InputLabel, MenuItem, Select, TextField, Typography} from '@mui/material';

function Contact() {
  const [values, setValues] = useState({nome: '', email: '', telefono: '', argomento: '', messaggio: '', privacy: false});
  const [done, setDone] = useState(false);
  const set = name => event => setValues({...values, [name]: event.target.type === 'checkbox' ? event.target.checked : event.target.value});
  const submit = async event => {
    event.preventDefault();
    const answer = await fetch('/send/mui', {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(values)});
    setDone(answer.ok);
  };
  if (done) return <Alert severity="success">Grazie per averci scritto! Ti risponderemo al più presto.</Alert>;
  return (
    <Box component="form" onSubmit={submit} sx={{maxWidth: 500, m: 4, display: 'grid', gap: 2}}>
      <Typography variant="h4">Contattaci</Typography>
      <TextField label="Nome e cognome" required value={values.nome} onChange={set('nome')} />
      <TextField label="Email" type="email" required value={values.email} onChange={set('email')} />
      <TextField label="Telefono" type="tel" value={values.telefono} onChange={set('telefono')} />
      <FormControl required>
        <InputLabel id="argomento">Argomento</InputLabel>
        <Select labelId="argomento" label="Argomento" value={values.argomento} onChange={set('argomento')}>
          <MenuItem value="ordini">Ordini</MenuItem><MenuItem value="lavoro">Lavora con noi</MenuItem><MenuItem value="altro">Altro</MenuItem>
        </Select>
      </FormControl>
      <TextField label="Messaggio" multiline minRows={4} required value={values.messaggio} onChange={set('messaggio')} />
      <FormControlLabel required control={<Checkbox checked={values.privacy} onChange={set('privacy')} />} label="Ho letto e accetto l'informativa sulla privacy" />
      <Button type="submit" variant="contained">Invia</Button>
    </Box>
  );
}
createRoot(document.getElementById('root')).render(<Contact />);
